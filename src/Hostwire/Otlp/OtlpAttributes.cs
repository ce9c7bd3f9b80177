using System.Text;

namespace Hostwire.Otlp;

/// <summary>Encodes attributes with string values, as resources and points carry them.</summary>
internal static class OtlpAttributes
{
    /// <summary>The fields, one <c>KeyValue</c> each, under <paramref name="tag"/>.</summary>
    public static byte[] Encode(uint tag, ReadOnlySpan<string> keys, ReadOnlySpan<string> values)
    {
        int size = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            size += WireWriter.SizeOfField(SizeOfKeyValue(keys[i], values[i]));
        }

        byte[] encoded = new byte[size];
        var writer = new WireWriter(encoded);
        for (int i = 0; i < keys.Length; i++)
        {
            writer.WriteMessageStart(tag, SizeOfKeyValue(keys[i], values[i]));
            writer.WriteString(OtlpTag.KeyValueKey, keys[i]);
            writer.WriteMessageStart(OtlpTag.KeyValueValue, SizeOfString(values[i]));
            writer.WriteString(OtlpTag.AnyValueString, values[i]);
        }

        return encoded;
    }

    private static int SizeOfKeyValue(string key, string value) => SizeOfString(key) + WireWriter.SizeOfField(SizeOfString(value));

    private static int SizeOfString(string value) => WireWriter.SizeOfField(Encoding.UTF8.GetByteCount(value));
}
