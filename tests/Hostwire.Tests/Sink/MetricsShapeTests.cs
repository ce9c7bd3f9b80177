using System.Buffers.Binary;
using CsCheck;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.Metrics;
using Hostwire.Otlp;
using Hostwire.Sink;
using Hostwire.Tests.Otlp;
using static Hostwire.Tests.Sink.OtlpRecord;
using Metric = Hostwire.Metrics.Metric;

namespace Hostwire.Tests.Sink;

/// <summary>What is taken by its shape is, bit for bit, what point by point yields; and whatever differs in anything but values and times is not taken by it.</summary>
public sealed class MetricsShapeTests
{
    private const ulong Nanos = Decoded.Nanos;

    // For all batches of a test, so that the order of values is the same in each.
    private readonly DictionaryNumbers _numbers = new();

    [Fact]
    public void Records_of_one_shape_are_taken_by_it_for_every_host()
    {
        var cache = new SeriesCache(Decoded.Rules);
        var batch = new FrameBatch(cache, Decoded.Rules);
        byte[][] records = [.. Enumerable.Range(0, 8).Select(n => Host($"web-{n % 2}", (ulong)n, n))];
        foreach (byte[] record in records)
        {
            Assert.Equal(Store(NewBatch(), record), Store(batch, record));
        }

        Assert.Equal(2, batch.GroupsByShape);
        // One that was never seen, whose metrics are those of the others: as soon as its resource is known.
        Store(batch, Host("web-9", 20, 1));
        Assert.Equal(0, batch.GroupsByShape);
        Store(batch, Host("web-9", 21, 2));
        Assert.Equal(2, batch.GroupsByShape);
        Store(batch, Host("web-9", 22, 3));
        Assert.Equal(2, batch.GroupsByShape);
        cache.Clear();
        Store(batch, records[0]);
        Assert.Equal(0, batch.GroupsByShape);
    }

    [Fact]
    public void A_shape_is_learned_however_often_it_came_before_its_numbers_were_known()
    {
        FrameBatch batch = NewBatch();
        for (int n = 0; n < 20; n++)
        {
            // Decoded while what it holds is still being stored.
            batch.Decode([Decoded.Raw(Host("web-1", (ulong)n, n))]);
        }

        Store(batch, Host("web-1", 20, 1));
        Store(batch, Host("web-1", 21, 2));
        Store(batch, Host("web-1", 22, 3));
        Assert.Equal(2, batch.GroupsByShape);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_record_that_differs_in_anything_else_is_not_taken_by_the_shape(string what, byte[] changed)
    {
        FrameBatch batch = Learned(Plain(Nanos, 1, 2, "0"));
        Assert.Equal(Store(NewBatch(), changed), Store(batch, changed));
        Assert.True(batch.GroupsByShape == 0, what);
        // Nor has the stranger spoilt it.
        byte[] known = Plain(Nanos + 5_000_000, 3, 4, "0");
        Assert.Equal(Store(NewBatch(), known), Store(batch, known));
        Assert.Equal(1, batch.GroupsByShape);
    }

    public static TheoryData<string, byte[]> Changes() => new()
    {
        { "a byte of an attribute", Plain(Nanos, 1, 2, "1") },
        { "a time", Of(Resource(Web, Gauge("m", Point(Nanos, 1, Attribute("n", "0")), Point(Nanos + 1000, 2, Attribute("n", "x"))))) },
        { "a time within the microsecond", Of(Resource(Web, Gauge("m", Point(Nanos, 1, Attribute("n", "0")), Point(Nanos + 1, 2, Attribute("n", "x"))))) },
        { "no time", Plain(0, 1, 2, "0") },
        { "flags", Of(Resource(Web, Gauge("m", [.. Point(Nanos, 1, Attribute("n", "0")), 0x40, 1], Point(Nanos, 2, Attribute("n", "x"))))) },
        { "a missing value", Of(Resource(Web, Gauge("m", NoValue(Nanos, Attribute("n", "0")), Point(Nanos, 2, Attribute("n", "x"))))) },
        { "a whole number", Of(Resource(Web, Gauge("m", Whole(Nanos, 1, Attribute("n", "0")), Point(Nanos, 2, Attribute("n", "x"))))) },
        { "an unknown field", Of(Resource(Web, Gauge("m", [.. Point(Nanos, 1, Attribute("n", "0")), 0x78, 1], Point(Nanos, 2, Attribute("n", "x"))))) },
        { "another order", Of(Resource(Web, Gauge("m", Point(Nanos, 2, Attribute("n", "x")), Point(Nanos, 1, Attribute("n", "0"))))) },
        { "a sum", Of(Resource(Web, Sum("m", "", isMonotonic: true, Point(Nanos, 1, Attribute("n", "0")), Point(Nanos, 2, Attribute("n", "x"))))) },
        { "a series attribute of the resource", Of(Resource([Attribute("host.name", "web-1"), Attribute("process.pid", Int(1))], PlainGauge(Nanos, 1, 2, "0"))) },
        { "two parts of one time", Of(Resource(Web, PlainGauge(Nanos, 1, 2, "0")), Resource(Web, Gauge("n", Point(Nanos, 3)))) },
        { "the same part twice", Of(Resource(Web, PlainGauge(Nanos, 1, 2, "0")), Resource(Web, PlainGauge(Nanos, 1, 3, "0"))) },
    };

    [Fact]
    public void Any_bits_are_values_and_whole_numbers_beyond_every_double_are_counted()
    {
        double[] doubles = [0, -0.0, double.NaN, BitConverter.Int64BitsToDouble(0x7FF0_0000_0000_0001), double.NegativeInfinity, double.Epsilon];
        long[] wholes = [0, -1, 1L << 53, (1L << 53) + 1, -(1L << 53) - 1, (1L << 53) + 2, long.MaxValue, long.MinValue, long.MinValue + 1];
        byte[] Record(double value, long whole) => Of(Resource(Web, Gauge("m", Point(Nanos, value)), Sum("c", "By", isMonotonic: true, Whole(Nanos, whole))));
        FrameBatch batch = Learned(Record(1, 1));
        foreach (double value in doubles)
        {
            foreach (long whole in wholes)
            {
                Assert.Equal(Store(NewBatch(), Record(value, whole)), Store(batch, Record(value, whole)));
                Assert.Equal(1, batch.GroupsByShape);
            }
        }
    }

    [Fact]
    public void Bytes_of_any_length_match_where_every_bit_that_counts_is_the_same()
    {
        // Compared sixteen at a time: shorter ones, and what is left over, go other ways.
        var random = new Random(1);
        var resource = new SeriesResource(1, new AttributeSet());
        for (int length = 0; length < 50; length++)
        {
            byte[] mask = [.. Enumerable.Range(0, length).Select(_ => (byte)(random.Next(3) == 0 ? 0 : 0xFF))];
            byte[] example = new byte[length];
            random.NextBytes(example);
            var shape = new MetricsShape(resource, mask, [.. example.Zip(mask, (value, bits) => (byte)(value & bits))], []);
            Assert.True(shape.Matches(resource, example));
            Assert.False(shape.Matches(resource, [.. example, 0]));
            Assert.False(shape.Matches(new SeriesResource(1, new AttributeSet()), example));
            for (int at = 0; at < length; at++)
            {
                byte[] other = [.. example];
                other[at] ^= (byte)(1 << random.Next(8));
                Assert.Equal(mask[at] == 0, shape.Matches(resource, other));
            }

            shape.Forget();
            Assert.False(shape.Matches(resource, example));
        }
    }

    [Fact]
    public void Nameless_resources_are_told_apart_by_the_key_of_each_record()
    {
        byte[] record = Of(Resource([], PlainGauge(Nanos, 1, 2, "0")));
        FrameBatch batch = Learned(record);
        batch.Decode([Decoded.Raw(record, "a"u8.ToArray()), Decoded.Raw(record, "b"u8.ToArray())]);
        _numbers.Number(batch);
        batch.Arrange();
        Assert.Equal(2, batch.GroupsByShape);
        Assert.Equal(["a", "b"], batch.Frames.Select(frame => frame.Host.Name), StringComparer.Ordinal);
    }

    [Fact]
    public void More_series_than_a_layout_holds_are_cut_as_they_are_without_a_shape()
    {
        byte[][] points = [.. Enumerable.Range(0, 500).Select(n => Point(Nanos, n, Attribute("n", Int(n))))];
        new Random(1).Shuffle(points);
        byte[] record = Of(Resource(Web, Gauge("m", points)));
        FrameBatch batch = Learned(record);
        Assert.Equal(Store(NewBatch(), record), Store(batch, record));
        Assert.Equal(1, batch.GroupsByShape);
        Assert.Equal([240, 240, 20], batch.Frames.Select(frame => frame.Count));
    }

    [Fact]
    public void A_record_in_which_a_series_comes_twice_is_never_taken_by_a_shape()
    {
        byte[] record = Of(Resource(Web, Gauge("m", Point(Nanos, 1), Point(Nanos, 2))));
        FrameBatch batch = NewBatch();
        for (int round = 0; round < 10; round++)
        {
            Store(batch, record);
            Assert.Equal(0, batch.GroupsByShape);
            Assert.Single(batch.Conflicts);
        }
    }

    [Fact]
    public void Senders_that_never_repeat_themselves_are_not_learned_for_ever()
    {
        var cache = new SeriesCache(Decoded.Rules);
        var batch = new FrameBatch(cache, Decoded.Rules);
        byte[][] points = [.. Enumerable.Range(0, 40).Select(n => Point(Nanos, n, Attribute("n", Int(n))))];
        var random = new Random(1);
        for (int round = 0; round < 640; round++)
        {
            random.Shuffle(points);
            Store(batch, Of(Resource(Web, Gauge("m", points))));
        }

        Assert.InRange(cache.Shapes.Count, 1, 16);
    }

    [Fact]
    public void Shapes_in_their_thousands_stay_within_their_bounds_and_new_ones_are_learned_all_the_same()
    {
        var shapes = new ShapeCache();
        var resource = new SeriesResource(1, new AttributeSet());
        var series = new SeriesEntry(new byte[32]) { Metric = null!, Scope = "", AttributesJson = "" };
        series.Know(1);
        var layout = new LayoutEntry(new byte[32], [1]);
        layout.Know(1);
        var layouts = new Dictionary<int[], LayoutEntry>(SeriesIdsComparer.Instance) { [[1]] = layout };
        MetricsShape? first = null;
        MetricsShape? last = null;
        for (int number = 0; number < 150_000; number++)
        {
            byte[] record = Of(Resource([], Gauge("m", Point(Nanos, 1, Attribute("n", $"{number}{new string('x', 400)}")))));
            int position = 0;
            Assert.True(RecordPart.TryRead(record, ref position, out RecordPart part));
            last = shapes.Learn(resource, part.Rest.In(record), [new FramePoint(series, 1, HasValue: true)], [0], 240, layouts, out bool isEarly);
            Assert.False(isEarly);
            first ??= last;
            Assert.InRange(shapes.Bytes, 0, 33 << 20);
        }

        Assert.NotNull(last);
        Assert.True(first!.IsForgotten);
    }

    [Fact]
    public void Agents_records_however_they_are_damaged_are_what_they_are_without_a_shape() => Sample(AgentRecord());

    [Fact]
    public void Collectors_records_however_they_are_damaged_are_what_they_are_without_a_shape() => Sample(Samples.Records("collector-default").First().Bytes);

    [Fact]
    public void Shape_costs_no_memory_once_it_is_known()
    {
        byte[] record = AgentRecord();
        FrameBatch batch = Learned(record);
        RawRecord[] raw = [.. Enumerable.Range(0, 20).Select(_ => Decoded.Raw(record))];
        Allocations.AssertNone(() =>
        {
            batch.Decode(raw);
            batch.Arrange();
        });
        Assert.Equal(40, batch.GroupsByShape);
    }

    private static byte[][] Web { get; } = [Attribute("host.name", "web-1")];

    private static byte[] Plain(ulong nanos, double first, double second, string name) => Of(Resource(Web, PlainGauge(nanos, first, second, name)));

    private static byte[] PlainGauge(ulong nanos, double first, double second, string name) =>
        Gauge("m", Point(nanos, first, Attribute("n", name)), Point(nanos, second, Attribute("n", "x")));

    private static byte[] Whole(ulong nanos, long value, params byte[][] attributes)
    {
        byte[] point = Point(nanos, BitConverter.Int64BitsToDouble(value), attributes);
        // The tag of the value, behind the nine bytes of the time.
        point[9] = (6 << 3) | 1;
        return point;
    }

    private static byte[] Host(string name, ulong tick, double value) => Of(
        Resource([Attribute("host.name", name)], Gauge("m", Point(Nanos + (tick * 1_000_000), value), Point(Nanos + (tick * 1_000_000), value + 1, Attribute("n", "x")))),
        Resource([Attribute("host.name", name), Attribute("process.executable.name", "db")], Gauge("p", Point(Nanos + (tick * 1_000_000), value + 2))));

    private static byte[] AgentRecord()
    {
        Metric Make(string name, MetricKind kind, bool isInteger) => new()
        {
            Name = name, Unit = "1", Kind = kind, IsInteger = isInteger, Description = "", Source = "", AttributeKeys = ["state"],
        };
        Metric gauge = Make("system.cpu.utilization", MetricKind.Gauge, isInteger: false);
        Metric counter = Make("system.disk.io", MetricKind.Counter, isInteger: true);
        var scrape = new Scrape();
        for (int group = 0; group < 2; group++)
        {
            scrape.BeginGroup((long)Nanos - 789 + (group * 1000));
            for (int number = 0; number < 6; number++)
            {
                scrape.Add(new Series(gauge, $"{group}-{number}"), number / 7.0);
                scrape.Add(new Series(counter, $"{group}-{number}"), 1_000_000L * number);
            }
        }

        return new OtlpEncoder(new HostIdentity("web-1", "0123"), 1, "1").Encode(scrape.Points).ToArray();
    }

    private void Sample(byte[] record)
    {
        int byShape = 0;
        int refused = 0;
        int inputs = 0;
        FrameBatch batch = Learned(record);
        Gen.Int.Sample(
            seed =>
            {
                if (++inputs % 50 == 0)
                {
                    // Shapes of damaged records take the place of the one that was learned, and what never comes back is learned less and less.
                    batch = Learned(record);
                }

                byte[] damaged = Damage(record, new Random(seed));
                string whole = Store(NewBatch(), damaged);
                Assert.Equal(whole, Store(batch, damaged));
                byShape += batch.GroupsByShape > 0 ? 1 : 0;
                refused += batch.DeadLetters.Count;
            },
            iter: 6_000,
            threads: 1);

        // Damage that always hit the same way would prove little.
        Assert.InRange(byShape, 500, 4_000);
        Assert.InRange(refused, 200, 3_500);
    }

    private static byte[] Damage(byte[] record, Random random)
    {
        byte[] damaged = [.. record];
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            switch (random.Next(8))
            {
                case 0:
                    damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    damaged = WireShuffleOrSame(damaged, random);
                    break;
                case 2:
                    damaged = damaged[..random.Next(damaged.Length / 2, damaged.Length)];
                    break;
                case 3:
                    damaged = [.. damaged, .. record];
                    break;
                default:
                    // Any eight bytes: of a value, of a time, or across anything.
                    BinaryPrimitives.WriteInt64LittleEndian(damaged.AsSpan(EightBytes(damaged, random)), random.Next(3) == 0 ? (long)Nanos : random.NextInt64(long.MinValue, long.MaxValue));
                    break;
            }
        }

        return damaged;
    }

    // Mostly behind a tag of eight bytes.
    private static int EightBytes(byte[] record, Random random)
    {
        int at = random.Next(record.Length - 9);
        int tag = record.AsSpan(at).IndexOfAny<byte>(0x11, 0x21, 0x31);
        return tag >= 0 && at + tag + 9 <= record.Length ? at + tag + 1 : at;
    }

    private static byte[] WireShuffleOrSame(byte[] record, Random random)
    {
        try
        {
            return WireShuffle.Shuffle(record, random);
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            // Damaged already.
            return record;
        }
    }

    private static FrameBatch NewBatch() => new(new SeriesCache(Decoded.Rules), Decoded.Rules);

    /// <summary>A batch that has seen the record often enough to know its shape.</summary>
    private FrameBatch Learned(byte[] record)
    {
        FrameBatch batch = NewBatch();
        for (int round = 0; round < 4; round++)
        {
            Store(batch, record);
        }

        Assert.NotEqual(0, batch.GroupsByShape);
        return batch;
    }

    /// <summary>All that comes of a record, in words.</summary>
    private string Store(FrameBatch batch, byte[] record)
    {
        batch.Decode([Decoded.Raw(record)]);
        _numbers.Number(batch);
        batch.Arrange();
        _numbers.Number(batch);
        IEnumerable<string> frames = batch.Frames.Select(frame =>
            $"{frame.Host.Name} {frame.RecordIndex} {frame.TimeMicros} {Convert.ToHexString(frame.Layout.Identity)} {string.Join(',', batch.ValuesOf(frame).Select(value => value is { } bits ? $"{BitConverter.DoubleToInt64Bits(bits):x}" : "null"))}");
        return string.Join('\n', [
            .. frames,
            .. batch.Conflicts.Select(conflict => $"conflict {conflict.FrameIndex} {BitConverter.DoubleToInt64Bits(conflict.Value):x}"),
            .. batch.DeadLetters.Select(letter => letter.Reason),
            $"{batch.DuplicatePoints} duplicates, {batch.InexactValues} inexact",
        ]);
    }
}
