using Hostwire.Sink;
using static Hostwire.Tests.Sink.OtlpRecord;

namespace Hostwire.Tests.Sink;

/// <summary>Whatever never comes again must not stay in memory for ever, whichever table of the caches it fills.</summary>
public sealed class CacheBoundsTests
{
    private const int PerRecord = 5_000;

    // See SeriesCache and FrameBatch; a bound is looked at between batches, so one record may lie above it.
    private const int SeriesMax = 100_000 + PerRecord;
    private const int ResourcesMax = 50_000 + PerRecord;
    private const int LayoutsMax = 20_000 + PerRecord;

    private readonly SeriesCache _cache = new(Decoded.Rules);
    private readonly FrameBatch _batch;
    private int _lastNumber;

    public CacheBoundsTests() => _batch = new FrameBatch(_cache, Decoded.Rules);

    [Fact]
    public void New_series_of_one_resource() => AssertBounded(
        caches => caches.Series, SeriesMax, n => Of(Resource([], Gauge("m", [.. Ids(n).Select(id => Point(Decoded.Nanos, 1, Attribute("id", Int(id))))]))));

    [Fact]
    public void New_metrics() => AssertBounded(
        caches => caches.Metrics, SeriesMax, n => Of(Resource([], [.. Ids(n).Select(id => Gauge($"m{id}", Point(Decoded.Nanos, 1)))])));

    [Fact]
    public void New_processes_each_a_resource() => AssertBounded(
        caches => caches.Resources, ResourcesMax, n => Of([.. Ids(n).Select(id => Resource([Attribute("process.pid", Int(id))], Gauge("m", Point(Decoded.Nanos, 1))))]));

    [Fact]
    public void New_processes_each_a_layout() => AssertBounded(
        caches => caches.Layouts, LayoutsMax, n => Of([.. Ids(n).Select(id => Resource([Attribute("process.pid", Int(id))], Gauge("m", Point(Decoded.Nanos, 1))))]));

    [Fact]
    public void New_hosts() => AssertBounded(
        caches => caches.Hosts, ResourcesMax, n => Of([.. Ids(n).Select(id => Resource([Attribute("host.name", $"web-{id}")], Gauge("m", Point(Decoded.Nanos, 1))))]));

    [Fact]
    public void New_series_with_long_attributes_are_bounded_by_their_bytes()
    {
        const long bytesMax = 128 << 20;
        string filler = new('x', 60_000);
        var cache = new SeriesCache(Decoded.Rules);
        var batch = new FrameBatch(cache, Decoded.Rules);
        long largest = 0;
        for (int n = 0; n < 1_500; n++)
        {
            batch.Decode([Decoded.Raw(Of(Resource([], Gauge("m", Point(Decoded.Nanos, 1, Attribute("a", $"{filler}{n}"))))))]);
            largest = long.Max(largest, cache.Bytes);
        }

        Assert.InRange(largest, bytesMax / 2, bytesMax + 1_000_000);
    }

    private static IEnumerable<int> Ids(int record) => Enumerable.Range(record * PerRecord, PerRecord);

    /// <summary>Feeds records of what was never there before, more of them than the bound allows: the table grows, but not beyond it.</summary>
    private void AssertBounded(Func<CacheSizes, int> size, int max, Func<int, byte[]> record)
    {
        int largest = 0;
        for (int n = 0; n < (max / PerRecord) + 3; n++)
        {
            _batch.Decode([Decoded.Raw(record(n))]);
            Assert.Empty(_batch.DeadLetters);
            Number();
            _batch.Arrange();
            Number();
            largest = int.Max(largest, size(_cache.Sizes));
        }

        Assert.InRange(largest, max / 3, max);
    }

    private void Number()
    {
        foreach (DictionaryEntry entry in _batch.Unknown)
        {
            entry.Know(++_lastNumber);
        }
    }
}
