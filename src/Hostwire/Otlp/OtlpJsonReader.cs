using System.Text.Json;

namespace Hostwire.Otlp;

/// <summary>Reads OTLP's JSON (an <c>ExportMetricsServiceRequest</c>, as a Collector's Kafka exporter sends it with <c>otlp_json</c>) by writing it as OTLP protobuf.</summary>
/// <remarks>
/// So there is one decoder and one mapping, and what <see cref="OtlpDecoder"/> refuses in one form it refuses in the other. Takes what OTLP says: names in
/// lowerCamelCase, members in any order, whole numbers as numbers or strings, enums as numbers (names too), <c>NaN</c> and infinities as strings;
/// null is the same as absent, and unknown members are skipped. So are exemplars, which nobody keeps.
/// </remarks>
internal ref struct OtlpJsonReader
{
    /// <summary>How deep objects and lists may nest. Each message takes up to two levels, and what is unknown may have more.</summary>
    public const int MaxDepth = 512;

    // Of AggregationTemporality, the only enum there is.
    private static readonly string[] TemporalityNames =
        ["AGGREGATION_TEMPORALITY_UNSPECIFIED", "AGGREGATION_TEMPORALITY_DELTA", "AGGREGATION_TEMPORALITY_CUMULATIVE"];

    private readonly WireBuilder _output;
    private Utf8JsonReader _json;
    private int _depth;
    private string? _refusal;

    private OtlpJsonReader(ReadOnlySpan<byte> json, WireBuilder output)
    {
        _output = output;
        _json = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>Writes a document as protobuf.</summary>
    /// <param name="json">Valid UTF-8.</param>
    /// <param name="output">Takes the protobuf.</param>
    /// <returns>Null, or one sentence for people that says what is wrong and at which byte.</returns>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A text in it has half a character.</exception>
    public static string? Read(ReadOnlySpan<byte> json, WireBuilder output)
    {
        var reader = new OtlpJsonReader(json, output);
        reader._json.Read();
        if (reader.ReadMessage(OtlpMessage.Request, "The record"))
        {
            // What follows the document throws.
            reader._json.Read();
        }

        return reader._refusal;
    }

    private bool ReadMessage(OtlpMessage message, string name)
    {
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            return Refuse(name, "is no object");
        }

        if (_depth > WireReader.MaxDepth)
        {
            return Refuse(name, $"is nested more than {WireReader.MaxDepth} deep");
        }

        _depth++;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (!ReadMember(message))
            {
                return false;
            }
        }

        _depth--;
        return true;
    }

    private bool ReadMember(OtlpMessage message)
    {
        foreach (ref readonly OtlpField field in OtlpSchema.FieldsOf(message))
        {
            if (_json.ValueTextEquals(field.JsonName))
            {
                _json.Read();
                return _json.TokenType == JsonTokenType.Null || (field.Cardinality == OtlpCardinality.Repeated ? ReadList(field) : ReadValue(field));
            }
        }

        _json.Skip();
        return true;
    }

    private bool ReadList(in OtlpField field)
    {
        if (_json.TokenType != JsonTokenType.StartArray)
        {
            return Refuse(field.JsonName, "is no list");
        }

        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (!ReadValue(field))
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadValue(in OtlpField field)
    {
        switch (field.Type)
        {
            case OtlpFieldType.Message when field.Message == OtlpMessage.Exemplar:
                _json.Skip();
                return true;
            case OtlpFieldType.Message:
                int start = _output.Begin(field.Tag);
                bool isRead = ReadMessage(field.Message, field.JsonName);
                _output.End(start);
                return isRead;
            case OtlpFieldType.String or OtlpFieldType.Bytes:
                return ReadText(field);
            case OtlpFieldType.Bool:
                return ReadBool(field);
            case OtlpFieldType.Double:
                return ReadDouble(field);
            case OtlpFieldType.Fixed64 or OtlpFieldType.UInt64:
                return ReadWhole(field, ulong.MinValue, ulong.MaxValue);
            case OtlpFieldType.SFixed64 or OtlpFieldType.Int64:
                return ReadWhole(field, long.MinValue, long.MaxValue);
            case OtlpFieldType.UInt32:
                return ReadWhole(field, uint.MinValue, uint.MaxValue);
            default:
                return ReadWhole(field, int.MinValue, int.MaxValue);
        }
    }

    private bool ReadText(in OtlpField field)
    {
        if (_json.TokenType != JsonTokenType.String)
        {
            return Refuse(field.JsonName, "is no string");
        }

        if (field.Type == OtlpFieldType.Bytes)
        {
            return _output.WriteBase64(field.Tag, _json) || Refuse(field.JsonName, "is no base64");
        }

        _output.WriteText(field.Tag, _json);
        return true;
    }

    private bool ReadBool(in OtlpField field)
    {
        if (_json.TokenType is not (JsonTokenType.True or JsonTokenType.False))
        {
            return Refuse(field.JsonName, "is neither true nor false");
        }

        _output.WriteVarint(field.Tag, _json.TokenType == JsonTokenType.True ? 1UL : 0);
        return true;
    }

    private bool ReadDouble(in OtlpField field)
    {
        if (!JsonNumber.TryGetDouble(_json, out double value))
        {
            return Refuse(field.JsonName, "is no double");
        }

        _output.WriteFixed64(field.Tag, BitConverter.DoubleToUInt64Bits(value));
        return true;
    }

    private bool ReadWhole(in OtlpField field, Int128 min, Int128 max)
    {
        if (!JsonNumber.TryGetWhole(_json, out Int128 value) && !TryGetName(field, out value))
        {
            return Refuse(field.JsonName, "is no whole number");
        }

        if (value < min || value > max)
        {
            return Refuse(field.JsonName, $"is not within {min} and {max}");
        }

        // As in all of protobuf, a negative number is one of 64 bits, whatever its type.
        ulong bits = field.Type == OtlpFieldType.SInt32 ? ZigZag((int)value) : unchecked((ulong)value);
        if (field.WireType == WireTag.Fixed64)
        {
            _output.WriteFixed64(field.Tag, bits);
        }
        else
        {
            _output.WriteVarint(field.Tag, bits);
        }

        return true;
    }

    private readonly bool TryGetName(in OtlpField field, out Int128 value)
    {
        value = -1;
        for (int index = 0; field.JsonName == "aggregationTemporality" && index < TemporalityNames.Length; index++)
        {
            if (_json.TokenType == JsonTokenType.String && _json.ValueTextEquals(TemporalityNames[index]))
            {
                value = index;
            }
        }

        return value >= 0;
    }

    private static uint ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    private bool Refuse(string name, string what)
    {
        _refusal ??= $"Not OTLP JSON: {name} at byte {_json.TokenStartIndex} {what}.";
        return false;
    }
}
