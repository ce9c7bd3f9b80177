namespace Hostwire.Otlp;

/// <summary>Reads <c>KeyValue</c> messages: attributes, and the items of key-value lists.</summary>
internal static class KeyValueParser
{
    /// <summary>Reads the <c>KeyValue</c> that follows, from its length to its end, and checks its value to the bottom.</summary>
    public static DecodedAttribute Read(ref WireReader reader)
    {
        int outer = reader.Enter();
        ByteRange whole = reader.Current;
        ByteRange key = default;
        ByteRange value = default;
        int pieces = 0;
        while (reader.Next(out uint tag))
        {
            switch (tag)
            {
                case OtlpTag.KeyValueKey:
                    key = reader.ReadString();
                    break;
                case OtlpTag.KeyValueValue:
                    pieces++;
                    value = ReadAnyValue(ref reader);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        return pieces > 1 ? new DecodedAttribute(key, whole, IsSplit: true) : new DecodedAttribute(key, value, IsSplit: false);
    }

    private static ByteRange ReadAnyValue(ref WireReader reader)
    {
        int outer = reader.Enter();
        ByteRange value = reader.Current;
        while (reader.Next(out uint tag))
        {
            // Nearly every attribute is a string, and this is the hottest place of all; the table knows the rest.
            if (tag == OtlpTag.AnyValueString)
            {
                reader.ReadString();
            }
            else
            {
                OtlpValidator.ReadField(ref reader, OtlpMessage.AnyValue, tag);
            }
        }

        reader.Leave(outer);
        return value;
    }
}
