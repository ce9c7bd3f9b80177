namespace Hostwire.Otlp;

/// <summary>Checks messages that nobody keeps, just as a parser that keeps them would.</summary>
internal static class OtlpValidator
{
    /// <summary>Reads the message that follows in <paramref name="reader"/>, from its length to its end.</summary>
    public static void ReadMessage(ref WireReader reader, OtlpMessage message)
    {
        int outer = reader.Enter();
        ReadFields(ref reader, message);
        reader.Leave(outer);
    }

    /// <summary>Reads the fields of the message that <paramref name="reader"/> stands in, to its end.</summary>
    public static void ReadFields(ref WireReader reader, OtlpMessage message)
    {
        while (reader.Next(out uint tag))
        {
            ReadField(ref reader, message, tag);
        }
    }

    /// <summary>Reads what follows a tag of <paramref name="message"/>; a field that the message does not have is skipped.</summary>
    public static void ReadField(ref WireReader reader, OtlpMessage message, uint tag)
    {
        foreach (ref readonly OtlpField field in OtlpSchema.FieldsOf(message))
        {
            if (field.Matches(tag))
            {
                ReadValue(ref reader, field, tag);
                return;
            }
        }

        reader.Skip(tag);
    }

    private static void ReadValue(ref WireReader reader, in OtlpField field, uint tag)
    {
        switch (field.Type)
        {
            case OtlpFieldType.Message:
                ReadMessage(ref reader, field.Message);
                break;
            case OtlpFieldType.String:
                reader.ReadString();
                break;
            default:
                if (field.IsPackable && WireTag.Type(tag) == WireTag.Length)
                {
                    ReadPacked(ref reader, field);
                }
                else
                {
                    reader.Skip(tag);
                }

                break;
        }
    }

    private static void ReadPacked(ref WireReader reader, in OtlpField field)
    {
        int outer = reader.EnterPacked();
        while (reader.HasMore)
        {
            // A bare wire type is as good as a tag to whoever only skips.
            reader.Skip(field.WireType);
        }

        reader.Leave(outer);
    }
}
