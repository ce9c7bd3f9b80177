namespace Hostwire.Otlp;

/// <summary>Reads <c>KeyValue</c> messages: attributes, and the items of key-value lists.</summary>
internal static class KeyValueParser
{
    /// <summary>Reads the <c>KeyValue</c> that follows, from its length to its end, and checks its value to the bottom.</summary>
    public static DecodedAttribute Read(ref WireReader reader) =>
        TryReadPlain(ref reader, out DecodedAttribute attribute) ? attribute : ReadAny(ref reader);

    // What every sender writes for a text: key, then value, nothing else, all of it short. This is the hottest place of all, and to recognise the
    // whole takes a third of the time of reading its parts. Whatever is not exactly so, or not right, is left to the general way.
    // Attributes stand a few messages deep, so there is no limit to watch.
    private static bool TryReadPlain(ref WireReader reader, out DecodedAttribute attribute)
    {
        attribute = default;
        ReadOnlySpan<byte> bytes = reader.Rest;
        if (bytes.Length < 3 || bytes[0] >= 0x80 || bytes[0] >= bytes.Length || bytes[1] != OtlpTag.KeyValueKey)
        {
            return false;
        }

        // Length, key's tag and length, key; value's tag and length, text's tag and length, text.
        int end = 1 + bytes[0];
        int keyEnd = 3 + bytes[2];
        int textStart = keyEnd + 4;
        if (textStart > end
            || bytes[keyEnd] != OtlpTag.KeyValueValue || bytes[keyEnd + 1] != end - keyEnd - 2
            || bytes[keyEnd + 2] != OtlpTag.AnyValueString || bytes[keyEnd + 3] != end - textStart
            || !WireReader.IsUtf8(bytes[3..keyEnd]) || !WireReader.IsUtf8(bytes[textStart..end]))
        {
            return false;
        }

        int start = reader.Position;
        attribute = new DecodedAttribute(new ByteRange(start + 3, keyEnd - 3), new ByteRange(start + keyEnd + 2, end - keyEnd - 2), IsSplit: false);
        reader.Advance(end);
        return true;
    }

    private static DecodedAttribute ReadAny(ref WireReader reader)
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
            OtlpValidator.ReadField(ref reader, OtlpMessage.AnyValue, tag);
        }

        reader.Leave(outer);
        return value;
    }
}
