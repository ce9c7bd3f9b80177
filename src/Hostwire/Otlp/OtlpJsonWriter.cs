using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Hostwire.Otlp;

/// <summary>Writes OTLP protobuf as OTLP JSON, every field of it: for <c>agent --once --print</c> and for looking at records.</summary>
/// <remarks>
/// Names in lowerCamelCase, whole numbers of 64 bits as strings, NaN and infinities as strings, enums as numbers, ids of traces in hexadecimal;
/// what is zero or empty is left out. Fields come in the order of their numbers. Meant for people and scripts, so it may allocate.
/// </remarks>
public static class OtlpJsonWriter
{
    /// <summary>Writes a record to a buffer; nothing is written when the bytes are malformed.</summary>
    public static DecodeResult Write(ReadOnlySpan<byte> record, IBufferWriter<byte> output, bool indented)
    {
        using var json = new Utf8JsonWriter(output, Options(indented));
        return Write(record, json);
    }

    /// <summary>Writes a record to a stream; nothing is written when the bytes are malformed.</summary>
    public static DecodeResult Write(ReadOnlySpan<byte> record, Stream output, bool indented)
    {
        using var json = new Utf8JsonWriter(output, Options(indented));
        return Write(record, json);
    }

    /// <summary>Writes a record for people, indented and with a line end; nothing is written when the bytes are malformed.</summary>
    public static DecodeResult Write(ReadOnlySpan<byte> record, TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>();
        DecodeResult result = Write(record, buffer, indented: true);
        if (result.IsOk)
        {
            output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
            output.Write('\n');
        }

        return result;
    }

    private static DecodeResult Write(ReadOnlySpan<byte> record, Utf8JsonWriter json)
    {
        var check = new WireReader(record);
        OtlpValidator.ReadFields(ref check, OtlpMessage.Request);
        if (check.IsOk)
        {
            WriteMessage(json, record, OtlpMessage.Request, [new OtlpJsonValue(new ByteRange(0, record.Length), 0)]);
        }

        return new DecodeResult(check.Error, check.ErrorPosition);
    }

    // A message may have come in several pieces, which are one message together.
    private static void WriteMessage(Utf8JsonWriter json, ReadOnlySpan<byte> record, OtlpMessage message, List<OtlpJsonValue> pieces)
    {
        (int oneof, int oneofStart) = FindOneof(record, message, pieces);
        json.WriteStartObject();
        foreach (ref readonly OtlpField field in OtlpSchema.FieldsOf(message))
        {
            if (field.Cardinality != OtlpCardinality.Oneof)
            {
                WriteField(json, record, field, Collect(record, field, pieces, from: 0));
            }
            else if (field.Number == oneof)
            {
                WriteField(json, record, field, Collect(record, field, pieces, oneofStart));
            }
        }

        json.WriteEndObject();
    }

    private static void WriteField(Utf8JsonWriter json, ReadOnlySpan<byte> record, in OtlpField field, List<OtlpJsonValue> values)
    {
        if (values.Count == 0 || (field.Cardinality == OtlpCardinality.Implicit && IsDefault(field.Type, values[^1])))
        {
            return;
        }

        json.WritePropertyName(field.JsonName);
        if (field.Cardinality == OtlpCardinality.Repeated)
        {
            json.WriteStartArray();
            foreach (OtlpJsonValue value in values)
            {
                WriteValue(json, record, field, [value]);
            }

            json.WriteEndArray();
        }
        else
        {
            WriteValue(json, record, field, values);
        }
    }

    private static void WriteValue(Utf8JsonWriter json, ReadOnlySpan<byte> record, in OtlpField field, List<OtlpJsonValue> pieces)
    {
        ByteRange range = pieces[^1].Range;
        ulong bits = pieces[^1].Bits;
        switch (field.Type)
        {
            case OtlpFieldType.Message:
                WriteMessage(json, record, field.Message, pieces);
                break;
            case OtlpFieldType.String:
                json.WriteStringValue(range.In(record));
                break;
            case OtlpFieldType.Bytes:
                json.WriteBase64StringValue(range.In(record));
                break;
            case OtlpFieldType.HexBytes:
                json.WriteStringValue(Convert.ToHexStringLower(range.In(record)));
                break;
            case OtlpFieldType.Double:
                WriteDouble(json, BitConverter.UInt64BitsToDouble(bits));
                break;
            case OtlpFieldType.Fixed64 or OtlpFieldType.UInt64:
                json.WriteStringValue(bits.ToString(CultureInfo.InvariantCulture));
                break;
            case OtlpFieldType.SFixed64 or OtlpFieldType.Int64:
                json.WriteStringValue(((long)bits).ToString(CultureInfo.InvariantCulture));
                break;
            case OtlpFieldType.Int32:
                json.WriteNumberValue((int)bits);
                break;
            case OtlpFieldType.UInt32:
                json.WriteNumberValue((uint)bits);
                break;
            case OtlpFieldType.SInt32:
                json.WriteNumberValue((int)((uint)bits >> 1) ^ -(int)(bits & 1));
                break;
            default:
                json.WriteBooleanValue(bits != 0);
                break;
        }
    }

    private static void WriteDouble(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteStringValue(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
        }
    }

    // All values of a field that stand at or after a position, in order; a packed list counts as its numbers.
    private static List<OtlpJsonValue> Collect(ReadOnlySpan<byte> record, in OtlpField field, List<OtlpJsonValue> pieces, int from)
    {
        var values = new List<OtlpJsonValue>();
        foreach (OtlpJsonValue piece in pieces)
        {
            var reader = new WireReader(record, piece.Range);
            while (reader.Next(out uint tag))
            {
                if (field.Matches(tag) && reader.Position >= from)
                {
                    Collect(ref reader, field, tag, values);
                }
                else
                {
                    reader.Skip(tag);
                }
            }
        }

        return values;
    }

    private static void Collect(ref WireReader reader, in OtlpField field, uint tag, List<OtlpJsonValue> values)
    {
        if (WireTag.Type(tag) == field.WireType)
        {
            values.Add(OtlpJsonValue.Read(ref reader, field.WireType));
            return;
        }

        int outer = reader.EnterPacked();
        while (reader.HasMore)
        {
            values.Add(OtlpJsonValue.Read(ref reader, field.WireType));
        }

        reader.Leave(outer);
    }

    // Which of several exclusive fields counts, and from which position on: where it was given first since another one was given.
    private static (int Number, int Start) FindOneof(ReadOnlySpan<byte> record, OtlpMessage message, List<OtlpJsonValue> pieces)
    {
        (int number, int start) = (0, 0);
        foreach (OtlpJsonValue piece in pieces)
        {
            var reader = new WireReader(record, piece.Range);
            while (reader.Next(out uint tag))
            {
                foreach (ref readonly OtlpField field in OtlpSchema.FieldsOf(message))
                {
                    if (field.Cardinality == OtlpCardinality.Oneof && field.Matches(tag) && field.Number != number)
                    {
                        (number, start) = (field.Number, reader.Position);
                    }
                }

                reader.Skip(tag);
            }
        }

        return (number, start);
    }

    private static bool IsDefault(OtlpFieldType type, OtlpJsonValue value) => type switch
    {
        OtlpFieldType.Double => BitConverter.UInt64BitsToDouble(value.Bits) == 0,
        OtlpFieldType.Int32 or OtlpFieldType.UInt32 or OtlpFieldType.SInt32 => (uint)value.Bits == 0,
        _ => value.Bits == 0 && value.Range.Length == 0,
    };

    private static JsonWriterOptions Options(bool indented) => new()
    {
        Indented = indented,
        NewLine = "\n",

        // For a terminal or a file, never for a web page: units such as {packets} and any script stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
