using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>Rewrites OTLP JSON so that it says the same in other words: all that OTLP allows senders to do, at random.</summary>
internal static class JsonDisguise
{
    private static readonly string[] Whole64 = ["timeUnixNano", "startTimeUnixNano", "asInt", "intValue", "count", "zeroCount", "bucketCounts"];
    private static readonly string[] Whole32 = ["flags", "scale", "offset", "droppedAttributesCount"];
    private static readonly string[] Doubles = ["asDouble", "doubleValue", "sum", "min", "max", "explicitBounds", "quantile", "value", "zeroThreshold"];
    private static readonly string[] Temporalities = ["AGGREGATION_TEMPORALITY_UNSPECIFIED", "AGGREGATION_TEMPORALITY_DELTA", "AGGREGATION_TEMPORALITY_CUMULATIVE"];

    /// <summary>The record in other words; the same ones for the same state of <paramref name="random"/>.</summary>
    public static byte[] Disguise(ReadOnlySpan<byte> record, Random random)
    {
        var text = new StringBuilder();
        var reader = new Utf8JsonReader(record, new JsonReaderOptions { MaxDepth = 512 });
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        Write(text, document.RootElement, "", random);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(StringBuilder text, JsonElement value, string name, Random random)
    {
        Space(text, random);
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(text, value, random);
                break;
            case JsonValueKind.Array:
                string comma = "";
                text.Append('[');
                foreach (JsonElement item in value.EnumerateArray())
                {
                    text.Append(comma);
                    Write(text, item, name, random);
                    comma = ",";
                }

                text.Append(']');
                break;
            case JsonValueKind.String when Whole64.Contains(name, StringComparer.Ordinal) && random.Next(2) == 0:
                text.Append(value.GetString());
                break;
            case JsonValueKind.String:
                WriteText(text, value.GetString()!, random);
                break;
            case JsonValueKind.Number when name == "aggregationTemporality" && value.GetInt32() is >= 0 and <= 2 && random.Next(2) == 0:
                text.Append(CultureInfo.InvariantCulture, $"\"{Temporalities[value.GetInt32()]}\"");
                break;
            case JsonValueKind.Number when Doubles.Contains(name, StringComparer.Ordinal) && random.Next(4) == 0:
                text.Append(CultureInfo.InvariantCulture, $"\"{value.GetRawText()}\"");
                break;
            case JsonValueKind.Number when Whole32.Contains(name, StringComparer.Ordinal) && random.Next(4) == 0:
                text.Append(value.GetRawText()).Append(random.Next(2) == 0 ? ".0" : "e0");
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }

        Space(text, random);
    }

    private static void WriteObject(StringBuilder text, JsonElement value, Random random)
    {
        var members = value.EnumerateObject().Select(member => (member.Name, Write: (Action)(() => Write(text, member.Value, member.Name, random)))).ToList();
        if (random.Next(8) == 0)
        {
            members.Add(("fromTheFuture", () => text.Append("""{"dataPoints":[{"asInt":"x"},[1.5,null,true]]}""")));
        }

        if (random.Next(8) == 0)
        {
            // Absent members given as null; what nobody has in OTLP is absent everywhere.
            members.Add((random.Next(2) == 0 ? "schemaUrl" : "exemplars", () => text.Append("null")));
        }

        (string Name, Action Write)[] shuffled = [.. members.DistinctBy(member => member.Name, StringComparer.Ordinal)];
        random.Shuffle(shuffled);
        string comma = "";
        text.Append('{');
        foreach ((string name, Action write) in shuffled)
        {
            text.Append(comma);
            WriteText(text, name, random);
            Space(text, random);
            text.Append(':');
            write();
            comma = ",";
        }

        text.Append('}');
    }

    private static void WriteText(StringBuilder text, string value, Random random)
    {
        bool escapesAll = random.Next(10) == 0;
        text.Append('"');
        foreach (char letter in value)
        {
            bool mustEscape = letter is < ' ' or '"' or '\\';
            _ = mustEscape || escapesAll ? text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}") : text.Append(letter);
        }

        text.Append('"');
    }

    private static void Space(StringBuilder text, Random random)
    {
        if (random.Next(20) == 0)
        {
            text.Append(random.Next(4) switch { 0 => "\n", 1 => "\r\n", 2 => "\t", _ => "  " });
        }
    }
}
