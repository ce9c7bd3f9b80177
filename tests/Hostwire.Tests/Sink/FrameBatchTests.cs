using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.Sink;
using Hostwire.Tests.Otlp;
using static Hostwire.Tests.Sink.OtlpRecord;

namespace Hostwire.Tests.Sink;

public sealed class FrameBatchTests
{
    private const ulong Nanos = Decoded.Nanos;

    private readonly SeriesCache _cache = new(Decoded.Rules);
    private readonly FrameBatch _batch;
    private readonly DictionaryNumbers _numbers = new();

    public FrameBatchTests() => _batch = new FrameBatch(_cache, Decoded.Rules);

    [Fact]
    public void A_resource_and_time_is_a_frame_to_the_microsecond()
    {
        Store(Of(
            Resource([Attribute("host.name", "a")], Gauge("m", Point(Nanos, 1), Point(Nanos + 1, 2, Attribute("x", "")), Point(Nanos + 1000, 3))),
            Resource([Attribute("host.name", "b")], Gauge("m", Point(Nanos, 4)))));
        Assert.Equal(
            ["a 1700000000123456 1,2", "a 1700000000123457 3", "b 1700000000123456 4"],
            _batch.Frames.Select(frame => $"{frame.Host.Name} {frame.TimeMicros} {string.Join(',', _batch.ValuesOf(frame))}"), StringComparer.Ordinal);
        Assert.Equal(_batch.Frames[1].Layout, _batch.Frames[2].Layout);
    }

    [Fact]
    public void Points_in_any_order_lie_in_one_layout_each_value_under_its_own_series()
    {
        byte[][] points = [.. Enumerable.Range(0, 50).Select(n => Point(Nanos, n, Attribute("n", Int(n))))];
        Store(Of(Resource([], Gauge("m", points))));
        LayoutEntry layout = _batch.Frames.Single().Layout;
        double?[] values = _batch.ValuesOf(_batch.Frames[0]);
        var random = new Random(1);
        for (int round = 0; round < 100; round++)
        {
            random.Shuffle(points);
            Store(Of(Resource([], Gauge("m", points))));
            Assert.Same(layout, _batch.Frames.Single().Layout);
            Assert.Equal(values, _batch.ValuesOf(_batch.Frames[0]));
        }
    }

    [Fact]
    public void One_resource_given_twice_in_two_orders_of_its_attributes_is_one_frame()
    {
        byte[] pid = Attribute("process.pid", Int(7));
        byte[] service = Attribute("service.name", "db");
        Store(Of(Resource([pid, service], Gauge("m", Point(Nanos, 1))), Resource([service, pid], Gauge("n", Point(Nanos, 2)))));
        Assert.Equal(new double?[] { 1, 2 }, _batch.ValuesOf(_batch.Frames.Single()));
    }

    [Fact]
    public void More_series_than_a_layout_holds_are_cut_the_same_way_every_time()
    {
        byte[][] points = [.. Enumerable.Range(0, 500).Select(n => Point(Nanos, n, Attribute("n", Int(n))))];
        Store(Of(Resource([], Gauge("m", points))));
        LayoutEntry[] layouts = [.. _batch.Frames.Select(frame => frame.Layout)];
        Assert.Equal([240, 240, 20], layouts.Select(layout => layout.SeriesIds.Length));
        Assert.Equal(500, layouts.SelectMany(layout => layout.SeriesIds).Distinct().Count());
        new Random(1).Shuffle(points);
        // A repeated point at the cut belongs to the series before it.
        Store(Of(Resource([], Gauge("m", [.. points, .. points]))));
        Assert.Equal(layouts, _batch.Frames.Select(frame => frame.Layout));
        Assert.Equal(500, _batch.DuplicatePoints);
        Assert.Equal(Enumerable.Range(0, 500).Select(n => (double)n), _batch.Frames.SelectMany(_batch.ValuesOf).Select(value => value!.Value).Order());
    }

    [Fact]
    public void A_point_given_twice_is_a_duplicate_or_a_conflict_and_the_first_stays()
    {
        Store(Of(Resource([], Gauge("m", Point(Nanos, 1), Point(Nanos, 1), Point(Nanos, 2), NoValue(Nanos), Point(Nanos, 5, Attribute("x", ""))))));
        Assert.Equal(new double?[] { 1, 5 }, _batch.ValuesOf(_batch.Frames.Single()));
        Assert.Equal(1, _batch.DuplicatePoints);
        Assert.Equal([2, 0], _batch.Conflicts.Select(conflict => conflict.Value));
    }

    [Fact]
    public void Of_many_conflicts_the_first_thousand_are_listed_and_all_counted()
    {
        Store(Of(Resource([], Gauge("m", [Point(Nanos, 1), .. Enumerable.Repeat(NoValue(Nanos), 5_000)]))));
        Assert.Equal((1_000, 5_000), (_batch.Conflicts.Count, _batch.ConflictingPoints));
        Store(Of(Resource([], Gauge("m", Point(Nanos, 1)))));
        Assert.Equal((0, 0), (_batch.Conflicts.Count, _batch.ConflictingPoints));
    }

    [Fact]
    public void A_batch_ends_early_where_it_brings_much_that_is_new()
    {
        RawRecord[] records = [.. Enumerable.Range(0, 5).Select(record => Decoded.Raw(Of(Resource([], Gauge($"m{record}", [.. Enumerable.Range(0, 20_000).Select(n => Point(Nanos, n, Attribute("n", Int(n))))])))))];
        Assert.Equal(3, _batch.Decode(records));
        _numbers.Number(_batch);
        _batch.Arrange();
        Assert.Equal([0, 1, 2], _batch.Frames.Select(frame => frame.RecordIndex).Distinct());
        Assert.Equal(2, _batch.Decode(records.AsSpan(3)));
        Assert.Empty(_batch.DeadLetters);
    }

    [Fact]
    public void Zero_and_minus_zero_are_a_conflict_and_the_same_nan_is_a_duplicate()
    {
        Store(Of(Resource([], Gauge("zero", Point(Nanos, 0), Point(Nanos, -0.0)), Gauge("nan", Point(Nanos, double.NaN), Point(Nanos, double.NaN)))));
        Assert.Single(_batch.Conflicts);
        Assert.Equal(1, _batch.DuplicatePoints);
    }

    [Fact]
    public void No_recorded_value_is_a_null_in_the_same_layout()
    {
        Store(Of(Resource([], Gauge("m", Point(Nanos, 1, Attribute("n", "1")), NoValue(Nanos, Attribute("n", "2"))))));
        LayoutEntry layout = _batch.Frames.Single().Layout;
        Assert.Equal(new double?[] { 1, null }, _batch.ValuesOf(_batch.Frames[0]));
        Store(Of(Resource([], Gauge("m", Point(Nanos, 1, Attribute("n", "1")), Point(Nanos, 2, Attribute("n", "2"))))));
        Assert.Same(layout, _batch.Frames.Single().Layout);
    }

    [Fact]
    public void Numbers_are_asked_for_once_and_a_layout_only_after_its_series()
    {
        byte[] record = Of(Resource([Attribute("host.name", "a")], Gauge("m", Point(Nanos, 1), Point(Nanos, 2, Attribute("x", "")))));
        _batch.Decode([Decoded.Raw(record), Decoded.Raw(record)]);
        Assert.Equal(["HostEntry", "MetricEntry", "SeriesEntry", "SeriesEntry"], _batch.Unknown.Select(entry => entry.GetType().Name).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        _numbers.Number(_batch);
        _batch.Arrange();
        Assert.IsType<LayoutEntry>(_batch.Unknown.Single());
        Assert.Equal(_batch.Unknown.OfType<LayoutEntry>(), _batch.Frames.Select(frame => frame.Layout).Distinct());
        Assert.Equal(2, _batch.SeriesOf([.. _batch.Unknown.OfType<LayoutEntry>()]).Count);

        // A transaction that was rolled back has given no numbers: they are asked for again.
        _batch.Decode([Decoded.Raw(record)]);
        Assert.Empty(_batch.Unknown);
        _batch.Arrange();
        Assert.Single(_batch.Unknown);
        _numbers.Number(_batch);
        Store(record);
        Assert.Empty(_batch.Unknown);
        _cache.Clear();
        _batch.Decode([Decoded.Raw(record)]);
        Assert.Equal(4, _batch.Unknown.Count);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_stored_is_set_aside_alone_with_one_reason(byte[]? bad, string reason)
    {
        byte[] good = Of(Resource([Attribute("host.name", "a")], Gauge("m", Point(Nanos, 1))));
        _batch.Decode([Decoded.Raw(good), Decoded.Raw(bad), Decoded.Raw(good)]);
        _numbers.Number(_batch);
        _batch.Arrange();
        DeadLetter letter = Assert.Single(_batch.DeadLetters);
        Assert.Equal(1, letter.RecordIndex);
        Assert.Contains(reason, letter.Reason, StringComparison.Ordinal);
        Assert.Equal([0, 2], _batch.Frames.Select(frame => frame.RecordIndex));
        Assert.Single(_batch.Frames.Select(frame => frame.Layout.Identity).Select(Convert.ToHexString).Distinct(StringComparer.Ordinal));
    }

    public static TheoryData<byte[]?, string> Refused() => new()
    {
        { null, "no value" },
        { [], "no point" },
        { Of(Resource([], Gauge("m"))), "no point" },
        { [0xFF, 0x00], "" },
        { Of(Resource([], Gauge(new string('m', 1025), Point(Nanos, 1)))), "longer than 1024 bytes" },
        { Of(Scoped([], new string('s', 1025), Gauge("m", Point(Nanos, 1)))), "longer than 1024 bytes" },
        { Of(Resource([Attribute("host.name", new string('h', 1100))], Gauge("m", Point(Nanos, 1)))), "name of a host" },
        { Of(Resource([Attribute("a", new string('h', 65_536))], Gauge("m", Point(Nanos, 1)))), "attributes of a resource" },
        { Of(Resource([], Gauge("m", Point(Nanos, 1, Attribute("a", new string('h', 65_536)))))), "attributes of a point" },
        { Of(Resource([], Gauge("m", [.. Enumerable.Range(0, 20_001).Select(n => Point(Nanos, n, Attribute("n", Int(n))))]))), "more than 20000 series" },
        { Of(Resource([Attribute("a", new string('\u0001', 60_000))], Gauge("m", [.. Enumerable.Range(0, 200).Select(n => Point(Nanos, n, Attribute("n", Int(n))))]))), "more than 32 MiB of attributes" },
        { Of(Resource([], Gauge("m", [.. Enumerable.Range(0, 40_000).Select(n => Point(Nanos + ((ulong)n * 1000), n))]))), "more than 32767 rows" },
    };

    [Fact]
    public void A_host_with_a_long_list_of_addresses_is_stored()
    {
        _batch.Decode([Decoded.Raw(Of(Resource([Attribute("host.name", "node-1"), Attribute("host.ip", new string('f', 5_000))], Gauge("m", Point(Nanos, 1)))))]);
        _numbers.Number(_batch);
        _batch.Arrange();
        Assert.Empty(_batch.DeadLetters);
        Assert.Single(_batch.Frames);
    }

    [Theory]
    [InlineData("", 500)]
    [InlineData("x", 499)]
    public void A_reason_that_quotes_a_long_record_is_cut_between_two_characters(string before, int kept)
    {
        string reason = new DeadLetter(0, before + string.Concat(Enumerable.Repeat("😀", 5_000))).Reason;
        Assert.Equal(before + string.Concat(Enumerable.Repeat("😀", kept)) + "…", reason);
    }

    [Fact]
    public void A_refused_record_leaves_nothing_of_itself_behind()
    {
        _batch.Decode([Decoded.Raw(Of(Resource([], Gauge("m", Point(Nanos, 1)))))]);
        _batch.Refuse("PostgreSQL says no.");
        Assert.Empty(_batch.Frames);
        Assert.Empty(_batch.Unknown);
        Assert.Equal(new DeadLetter(0, "PostgreSQL says no."), Assert.Single(_batch.DeadLetters));
        _batch.Arrange();
        Assert.Empty(_batch.Frames);
    }

    [Theory]
    [InlineData("collector-default")]
    [InlineData("collector-all-scrapers")]
    public void Real_records_shuffled_a_thousand_times_add_no_layout(string folder)
    {
        var random = new Random(1);
        foreach (byte[] record in Samples.Records(folder).Select(sample => sample.Bytes))
        {
            Store(record);
            string[] before = Stored();
            int numbers = _numbers.Count;
            for (int round = 0; round < 1000 / Samples.Records(folder).Count() + 1; round++)
            {
                Store(WireShuffle.Shuffle(record, random));
                Assert.Equal(before, Stored());
                Assert.Equal(numbers, _numbers.Count);
            }
        }
    }

    private string[] Stored() => [.. _batch.Frames
        .Select(frame => $"{frame.Host.Name} {frame.Layout.Id} {frame.TimeMicros} {string.Join(',', _batch.ValuesOf(frame))}").Order(StringComparer.Ordinal)];

    /// <summary>As the store does it, with numbers of the test's own.</summary>
    private void Store(byte[] record)
    {
        _batch.Decode([Decoded.Raw(record)]);
        Assert.Empty(_batch.DeadLetters);
        _numbers.Number(_batch);
        _batch.Arrange();
        _numbers.Number(_batch);
    }
}
