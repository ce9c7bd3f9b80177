using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Google.Protobuf.Reflection;

namespace Hostwire.Tests.Otlp;

/// <summary>Makes records at random out of the description that protoc compiled in: any field in any order, any number of times, in any encoding.</summary>
/// <remarks>
/// Unlike a generated writer it makes what no sane sender sends and every parser has to understand: messages in pieces, several members of a oneof,
/// unknown fields and groups, packed lists unpacked, numbers longer than they need to be; now and then text that is no UTF-8, and nesting near the limit.
/// </remarks>
internal sealed class WireGenerator(PCG random)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int StartGroup = 3;
    private const int EndGroup = 4;
    private const int Fixed32 = 5;

    private static readonly string[] Texts = ["", "a", "host.name", "system.cpu.time", "By", "{packets}", "ä", "日本語", "🙂", "\0", new('x', 130)];

    // A byte that never occurs; an overlong slash; half a surrogate pair; a sequence cut short; beyond Unicode.
    private static readonly byte[][] BrokenTexts = [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE6, 0x97], [0xF4, 0x90, 0x80, 0x80]];

    private static readonly double[] Doubles = [0, -0.0, 1, 0.65, -1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, 9007199254740993];

    private static readonly ulong[] Integers =
        [0, 1, 2, 3, 127, 128, 300, 1795446423471806226, 1UL << 31, 1UL << 32, 1UL << 53, (1UL << 53) + 1, (1UL << 53) + 2, long.MaxValue, 1UL << 63, ulong.MaxValue];

    private static readonly string[] Kinds = ["gauge", "sum", "gauge", "sum", "histogram", "exponential_histogram", "summary"];

    private int _fieldsLeft = 120;

    /// <summary>A message of a kind, as bytes without a length before it.</summary>
    public byte[] Message(MessageDescriptor message)
    {
        var fields = new List<List<byte>>();
        if (!OneIn(10))
        {
            Backbone(fields, message);
        }

        for (int count = Below(5); count > 0 && _fieldsLeft > 0; count--)
        {
            _fieldsLeft--;
            var field = new List<byte>();
            if (OneIn(20))
            {
                UnknownField(field, depth: 0);
            }
            else
            {
                Field(field, OneOf([.. message.Fields.InFieldNumberOrder()]));
            }

            fields.Insert(Below(fields.Count + 1), field);
        }

        return [.. fields.SelectMany(field => field)];
    }

    // Left to chance alone hardly a record would have a point that can be stored. What comes on top may still spoil it.
    private void Backbone(List<List<byte>> fields, MessageDescriptor message)
    {
        switch (message.Name)
        {
            case "ExportMetricsServiceRequest" or "ResourceMetrics" or "ScopeMetrics":
                string inner = message.Name switch { "ResourceMetrics" => "scope_metrics", "ScopeMetrics" => "metrics", _ => "resource_metrics" };
                Add(target => Field(target, message.FindFieldByName(inner)));
                break;
            case "Metric":
                Add(target => Content(target, message.FindFieldByName("name").FieldNumber, "system.cpu.time"u8.ToArray()));
                Add(target => Field(target, message.FindFieldByName(OneOf(Kinds))));
                break;
            case "Gauge" or "Sum" or "Histogram" or "ExponentialHistogram" or "Summary":
                Add(target => Field(target, message.FindFieldByName("data_points")));
                if (message.FindFieldByName("aggregation_temporality") is { } temporality)
                {
                    Add(target => Single(target, temporality, into => VarintOf(into, 1 + (ulong)Below(2))));
                }

                break;
            case "NumberDataPoint" or "HistogramDataPoint" or "ExponentialHistogramDataPoint" or "SummaryDataPoint":
                Add(target => Single(target, message.FindFieldByName("time_unix_nano"), into => Eight(into, 1795446423471806226 + (ulong)Below(3))));
                if (message.FindFieldByName("explicit_bounds") is { } bounds && OneIn(2))
                {
                    Buckets(Add, bounds, message.FindFieldByName("bucket_counts"));
                }

                break;
        }

        void Add(Action<List<byte>> write)
        {
            var field = new List<byte>();
            write(field);
            fields.Insert(Below(fields.Count + 1), field);
        }
    }

    // Whole lists or one number at a time, and bounds that ascend, as they must.
    private void Buckets(Action<Action<List<byte>>> add, FieldDescriptor bounds, FieldDescriptor counts)
    {
        double[] ascending = [-2.5, -0.0, 0.005, 1, 1e300];
        int count = Below(ascending.Length + 1);
        if (OneIn(2))
        {
            add(target => Content(target, bounds.FieldNumber, [.. ascending.Take(count).SelectMany(BitConverter.GetBytes)]));
            add(target => Content(target, counts.FieldNumber, [.. Enumerable.Range(0, count + 1).SelectMany(_ => BitConverter.GetBytes(OneOf(Integers)))]));
            return;
        }

        add(target =>
        {
            foreach (double bound in ascending.Take(count))
            {
                Single(target, bounds, into => Eight(into, BitConverter.DoubleToUInt64Bits(bound)));
            }

            for (int index = 0; index <= count; index++)
            {
                Single(target, counts, into => Eight(into, OneOf(Integers)));
            }
        });
    }

    private void Single(List<byte> target, FieldDescriptor field, Action<List<byte>> writeValue)
    {
        Tag(target, field.FieldNumber, WireTypeOf(field));
        writeValue(target);
    }

    private void Field(List<byte> target, FieldDescriptor field)
    {
        if (field is { IsRepeated: true, FieldType: not (FieldType.Message or FieldType.String or FieldType.Bytes) } && !OneIn(3))
        {
            Packed(target, field);
            return;
        }

        switch (field.FieldType)
        {
            case FieldType.Message:
                Content(target, field.FieldNumber, OneIn(200) && field.MessageType.Name == "AnyValue" ? DeepValue() : Message(field.MessageType));
                break;
            case FieldType.String:
                Content(target, field.FieldNumber, Text());
                break;
            case FieldType.Bytes:
                Content(target, field.FieldNumber, random.Next64() is var bits && OneIn(2) ? BitConverter.GetBytes(bits) : []);
                break;
            default:
                Single(target, field, into => Number(into, field));
                break;
        }
    }

    private void Packed(List<byte> target, FieldDescriptor field)
    {
        var numbers = new List<byte>();
        for (int count = Below(5); count > 0; count--)
        {
            Number(numbers, field);
        }

        Content(target, field.FieldNumber, [.. numbers]);
    }

    private void Number(List<byte> target, FieldDescriptor field)
    {
        switch (field.FieldType)
        {
            case FieldType.Double:
                Eight(target, BitConverter.DoubleToUInt64Bits(OneOf(Doubles)));
                break;
            case FieldType.Fixed64 or FieldType.SFixed64:
                Eight(target, OneOf(Integers));
                break;
            case FieldType.Bool or FieldType.Enum when !OneIn(6):
                VarintOf(target, (ulong)Below(3));
                break;
            default:
                VarintOf(target, OneOf(Integers));
                break;
        }
    }

    private static int WireTypeOf(FieldDescriptor field) =>
        field.FieldType is FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 ? Fixed64 : Varint;

    private byte[] Text()
    {
        if (!OneIn(150))
        {
            return Encoding.UTF8.GetBytes(OneOf(Texts));
        }

        byte[] good = Encoding.UTF8.GetBytes(OneOf(Texts));
        return [.. good, .. OneOf(BrokenTexts), .. good];
    }

    // Two messages a level: the value and the array. With those around it this comes out on either side of the limit of 100.
    private byte[] DeepValue()
    {
        byte[] value = [];
        for (int levels = 40 + Below(12); levels > 0; levels--)
        {
            var array = new List<byte>();
            Content(array, 1, value);
            var next = new List<byte>();
            Content(next, 5, [.. array]);
            value = [.. next];
        }

        return value;
    }

    private void UnknownField(List<byte> target, int depth)
    {
        int number = OneOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15, 16, 1000, 19999, (1 << 29) - 1]);
        switch (Below(6))
        {
            case 0:
                Tag(target, number, Varint);
                VarintOf(target, OneOf(Integers));
                break;
            case 1:
                Tag(target, number, Fixed64);
                Eight(target, OneOf(Integers));
                break;
            case 2:
                Tag(target, number, Fixed32);
                target.AddRange([1, 2, 3, 4]);
                break;
            case 3:
                // As the content of an unknown field this may be anything; where the number is known after all, it is a message in disorder.
                Content(target, number, OneIn(2) ? [0xFF] : [0x08, 0x01]);
                break;
            default:
                Group(target, number, depth, OneIn(100) ? 90 + Below(12) : Below(3));
                break;
        }
    }

    private void Group(List<byte> target, int number, int depth, int levels)
    {
        Tag(target, number, StartGroup);
        if (levels > 0)
        {
            Group(target, number, depth + 1, levels - 1);
        }
        else if (depth < 4 && OneIn(3))
        {
            UnknownField(target, depth + 1);
        }

        Tag(target, OneIn(150) ? number + 1 : number, EndGroup);
    }

    private void Content(List<byte> target, int number, byte[] content)
    {
        Tag(target, number, LengthDelimited);
        VarintOf(target, (ulong)content.Length);
        target.AddRange(content);
    }

    private void Tag(List<byte> target, int number, int wireType) => VarintOf(target, ((ulong)number << 3) | (uint)wireType);

    private void VarintOf(List<byte> target, ulong value)
    {
        int least = target.Count + 1;
        for (; value >= 0x80; value >>= 7)
        {
            target.Add((byte)(value | 0x80));
            least++;
        }

        target.Add((byte)value);
        if (!OneIn(60))
        {
            return;
        }

        // Longer than it needs to be, which is allowed up to ten bytes.
        for (int more = Below(11 - (target.Count - least + 1)); more > 0 && target.Count < least + 9; more--)
        {
            target[^1] |= 0x80;
            target.Add(0);
        }
    }

    private static void Eight(List<byte> target, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        target.AddRange(bytes);
    }

    private T OneOf<T>(T[] choices) => choices[Below(choices.Length)];

    private bool OneIn(int times) => Below(times) == 0;

    private int Below(int limit) => (int)random.Next((uint)limit);
}
