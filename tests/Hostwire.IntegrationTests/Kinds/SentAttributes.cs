using System.Globalization;
using System.Text;
using System.Text.Json;
using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.IntegrationTests.Kinds;

/// <summary>Attributes of every type that OTLP has, at random: their bytes, and how the database must show them.</summary>
internal sealed class SentAttributes(Random random)
{
    private static readonly string[] Texts = ["", "a", "/var/lib", "übergroß", "日本 🙂", "with \"quotes\" and \\", "nul\0inside"];
    private static readonly double[] Doubles = [0.5, -1e300, 1e-300, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 123456789.125];
    private static readonly long[] Integers = [0, 1, -1, 42, long.MaxValue, long.MinValue, (1L << 53) + 1];

    private readonly List<(string Key, Action<Stream> Write)> _fields = [];
    private readonly SortedDictionary<string, string> _expected = new(StringComparer.Ordinal);

    /// <summary>As <see cref="Canonical(JsonElement)"/> writes what the database has; without those that belong to the host.</summary>
    public string Expected => Object(_expected);

    /// <summary>The same, of a point whose resource has an attribute too.</summary>
    public string ExpectedWith(string key, string value)
    {
        var both = new SortedDictionary<string, string>(_expected, StringComparer.Ordinal) { [key] = Quote(value) };
        return Object(both);
    }

    /// <summary>A text.</summary>
    public SentAttributes Add(string key, string value, bool isStored = true)
    {
        _fields.Add((key, any => ProtoWriter.WriteString(any, 1, value)));
        if (isStored)
        {
            _expected[key] = Quote(value);
        }

        return this;
    }

    /// <summary>One of every type, and nested ones.</summary>
    public SentAttributes AddOfEveryType()
    {
        foreach (int kind in Enumerable.Range(0, 8))
        {
            (Action<Stream> write, string expected) = Value(kind, depth: 0);
            string key = $"k{kind}";
            _fields.Add((key, write));
            _expected[key] = expected;
        }

        return this;
    }

    /// <summary>Writes them in any order, each as a field of that number.</summary>
    public void Write(Stream output, int field)
    {
        (string Key, Action<Stream> Write)[] fields = [.. _fields];
        random.Shuffle(fields);
        foreach ((string key, Action<Stream> write) in fields)
        {
            ProtoWriter.WriteMessage(output, field, keyValue =>
            {
                ProtoWriter.WriteString(keyValue, 1, key);
                ProtoWriter.WriteMessage(keyValue, 2, write);
            });
        }
    }

    /// <summary>JSON as text that does not depend on who wrote it.</summary>
    public static string Canonical(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => $"{Quote(item.Name)}:{Canonical(item.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Canonical))}]",
        JsonValueKind.String => Quote(value.GetString()!),
        JsonValueKind.Number => value.TryGetInt64(out long whole) ? whole.ToString(CultureInfo.InvariantCulture) : Number(value.GetDouble()),
        _ => value.GetRawText(),
    };

    private (Action<Stream> Write, string Expected) Value(int kind, int depth)
    {
        switch (kind)
        {
            case 0:
                string text = OneOf(Texts);
                return (any => ProtoWriter.WriteString(any, 1, text), Quote(text));
            case 1:
                bool flag = random.Next(2) == 1;
                return (any => ProtoWriter.WriteVarintField(any, 2, flag ? 1UL : 0), flag ? "true" : "false");
            case 2:
                long whole = OneOf(Integers);
                return (any => ProtoWriter.WriteVarintField(any, 3, (ulong)whole), whole.ToString(CultureInfo.InvariantCulture));
            case 3:
                double number = OneOf(Doubles);
                return (any => ProtoWriter.WriteFixed64(any, 4, BitConverter.DoubleToUInt64Bits(number)), Number(number));
            case 4:
                byte[] bytes = new byte[random.Next(5)];
                random.NextBytes(bytes);
                return (any => ProtoWriter.WriteMessage(any, 7, into => into.Write(bytes)), Quote(Convert.ToBase64String(bytes)));
            case 5:
                return Array(depth);
            case 6:
                return Map(depth);
            default:
                return (_ => { }, "null");
        }
    }

    private (Action<Stream> Write, string Expected) Array(int depth)
    {
        (Action<Stream> Write, string Expected)[] items = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random.Next(depth < 2 ? 8 : 5), depth + 1))];
        return (
            any => ProtoWriter.WriteMessage(any, 5, array =>
            {
                foreach ((Action<Stream> write, string _) in items)
                {
                    ProtoWriter.WriteMessage(array, 1, write);
                }
            }),
            $"[{string.Join(',', items.Select(item => item.Expected))}]");
    }

    private (Action<Stream> Write, string Expected) Map(int depth)
    {
        (Action<Stream> Write, string Expected)[] items = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random.Next(depth < 2 ? 8 : 5), depth + 1))];
        return (
            any => ProtoWriter.WriteMessage(any, 6, map =>
            {
                for (int index = 0; index < items.Length; index++)
                {
                    int item = index;
                    ProtoWriter.WriteMessage(map, 1, keyValue =>
                    {
                        ProtoWriter.WriteString(keyValue, 1, $"item{item}");
                        ProtoWriter.WriteMessage(keyValue, 2, items[item].Write);
                    });
                }
            }),
            $"{{{string.Join(',', items.Select((item, index) => $"\"item{index}\":{item.Expected}"))}}}");
    }

    private static string Object(SortedDictionary<string, string> items) => $"{{{string.Join(',', items.Select(pair => $"{Quote(pair.Key)}:{pair.Value}"))}}}";

    private static string Number(double value) =>
        double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : double.IsNaN(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";

    // jsonb holds no NUL.
    private static string Quote(string text) => new StringBuilder().Append('"').Append(text.Replace('\0', '\uFFFD')).Append('"').ToString();

    private T OneOf<T>(T[] choices) => choices[random.Next(choices.Length)];
}
