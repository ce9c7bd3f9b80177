using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>Attributes sorted by key, each key once: the form in which they are hashed and written as JSON.</summary>
internal sealed class AttributeSet
{
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SortedDictionary<string, byte[]> _canonical = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _json = new(StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    public int Count => _canonical.Count;

    /// <summary>Adds an attribute of a record; of a key given twice the last one stays.</summary>
    public void Add(ReadOnlySpan<byte> record, in DecodedAttribute attribute)
    {
        var value = new AnyValueReader(record, attribute);
        string key = Encoding.UTF8.GetString(attribute.Key.In(record));
        var canonical = new ArrayBufferWriter<byte>();
        WriteCanonical(canonical, value);
        _canonical[key] = canonical.WrittenSpan.ToArray();
        _json[key] = ToJson(value);
    }

    /// <summary>Takes the other's attributes over; false where it had them all already, with the same values.</summary>
    public bool Merge(AttributeSet other)
    {
        bool changed = false;
        foreach ((string key, byte[] value) in other._canonical)
        {
            if (!_canonical.TryGetValue(key, out byte[]? known) || !known.AsSpan().SequenceEqual(value))
            {
                _canonical[key] = value;
                _json[key] = other._json[key];
                changed = true;
            }
        }

        return changed;
    }

    /// <summary>The typed encoding that identities are hashed over: count, then keys in ordinal order, each with its value; every length stated.</summary>
    public void WriteCanonical(IBufferWriter<byte> output)
    {
        WriteLength(output, _canonical.Count);
        foreach ((string key, byte[] value) in _canonical)
        {
            WriteText(output, Encoding.UTF8.GetBytes(key));
            output.Write(value);
        }
    }

    /// <summary>
    /// One JSON object of these and, where a key is in both, <paramref name="preferred"/>'s attributes, and then <paramref name="label"/>; fit for
    /// <c>jsonb</c>.
    /// </summary>
    public string ToJson(AttributeSet? preferred = null, (string Key, string Value)? label = null)
    {
        var merged = new SortedDictionary<string, string>(_json, StringComparer.Ordinal);
        foreach ((string key, string value) in preferred?._json ?? [])
        {
            merged[key] = value;
        }

        if (label is { } last)
        {
            merged[last.Key] = Quote(last.Value);
        }

        return $"{{{string.Join(',', merged.Select(pair => $"{Quote(pair.Key)}:{pair.Value}"))}}}";
    }

    /// <summary>A count or length, in four bytes, most significant first.</summary>
    public static void WriteLength(IBufferWriter<byte> output, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(sizeof(int)), length);
        output.Advance(sizeof(int));
    }

    /// <summary>A length and that many bytes.</summary>
    public static void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> utf8)
    {
        WriteLength(output, utf8.Length);
        output.Write(utf8);
    }

    /// <summary>Eight bytes, most significant first.</summary>
    public static void WriteBits(IBufferWriter<byte> output, long bits)
    {
        BinaryPrimitives.WriteInt64BigEndian(output.GetSpan(sizeof(long)), bits);
        output.Advance(sizeof(long));
    }

    private static void WriteCanonical(ArrayBufferWriter<byte> output, AnyValueReader value)
    {
        output.Write([(byte)value.Kind]);
        switch (value.Kind)
        {
            case AnyValueKind.String or AnyValueKind.Bytes:
                WriteText(output, value.Bytes);
                break;
            case AnyValueKind.Bool:
                output.Write([value.Bool ? (byte)1 : (byte)0]);
                break;
            case AnyValueKind.Int:
                WriteBits(output, value.Int);
                break;
            case AnyValueKind.Double:
                WriteBits(output, BitConverter.DoubleToInt64Bits(value.Double));
                break;
            case AnyValueKind.Array:
                WriteArray(output, value);
                break;
            case AnyValueKind.KeyValueList:
                WriteMap(output, value);
                break;
        }
    }

    private static void WriteArray(ArrayBufferWriter<byte> output, AnyValueReader value)
    {
        var items = new ArrayBufferWriter<byte>();
        int count = 0;
        foreach (AnyValueItems item in value.Items)
        {
            count++;
            WriteCanonical(items, item.Value);
        }

        WriteLength(output, count);
        output.Write(items.WrittenSpan);
    }

    /// <summary>A map inside an attribute follows the rules of the attributes themselves: any order is the same, the last of a key counts.</summary>
    private static void WriteMap(ArrayBufferWriter<byte> output, AnyValueReader value)
    {
        var map = new AttributeSet();
        foreach (AnyValueItems item in value.Items)
        {
            var canonical = new ArrayBufferWriter<byte>();
            WriteCanonical(canonical, item.Value);
            map._canonical[Encoding.UTF8.GetString(item.Key)] = canonical.WrittenSpan.ToArray();
        }

        map.WriteCanonical(output);
    }

    private static string ToJson(AnyValueReader value)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, JsonOptions))
        {
            WriteJson(writer, value);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void WriteJson(Utf8JsonWriter writer, AnyValueReader value)
    {
        switch (value.Kind)
        {
            case AnyValueKind.String:
                writer.WriteStringValue(Text(value.Bytes));
                break;
            case AnyValueKind.Bool:
                writer.WriteBooleanValue(value.Bool);
                break;
            case AnyValueKind.Int:
                writer.WriteNumberValue(value.Int);
                break;
            case AnyValueKind.Double when double.IsFinite(value.Double):
                writer.WriteNumberValue(value.Double);
                break;
            case AnyValueKind.Double:
                // JSON has no such numbers; OTLP's own JSON writes them as these words too.
                writer.WriteStringValue(double.IsNaN(value.Double) ? "NaN" : value.Double > 0 ? "Infinity" : "-Infinity");
                break;
            case AnyValueKind.Bytes:
                writer.WriteBase64StringValue(value.Bytes);
                break;
            case AnyValueKind.Array:
                writer.WriteStartArray();
                foreach (AnyValueItems item in value.Items)
                {
                    WriteJson(writer, item.Value);
                }

                writer.WriteEndArray();
                break;
            case AnyValueKind.KeyValueList:
                writer.WriteStartObject();
                foreach (AnyValueItems item in value.Items)
                {
                    writer.WritePropertyName(Text(item.Key));
                    WriteJson(writer, item.Value);
                }

                writer.WriteEndObject();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    /// <summary>Text as PostgreSQL takes it: NUL, which neither <c>text</c> nor <c>jsonb</c> holds, becomes U+FFFD. Identities keep the difference.</summary>
    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8).Replace('\0', '\uFFFD');

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text.Replace('\0', '\uFFFD'), JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
