using Google.Protobuf;
using Hostwire.Otlp;
using Hostwire.Sink;
using Hostwire.Tests.Otlp.Generated;
using MetricKind = Hostwire.Metrics.MetricKind;

namespace Hostwire.Tests.Sink;

/// <summary>How histograms, exponential histograms and summaries become series, frames and layouts.</summary>
public sealed class DistributionTests
{
    private const AggregationTemporality Cumulative = AggregationTemporality.Cumulative;

    private readonly FrameBatch _batch = new(new SeriesCache(Decoded.Rules), Decoded.Rules);
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<int, SeriesEntry> _series = [];

    [Fact]
    public void A_histogram_is_a_counter_for_each_bound_and_its_count_and_sum()
    {
        Store(Histogram(new HistogramDataPoint { TimeUnixNano = Decoded.Nanos, Count = 6, Sum = 7.5, Min = -1, Max = 4, BucketCounts = { 1, 2, 3 }, ExplicitBounds = { 0.1, 1e20 } }));
        Assert.Equal(
            [
                "lat.count 1 Counter Cumulative {} = 6", "lat.sum s Counter Cumulative {} = 7.5", "lat.min s Gauge None {} = -1", "lat.max s Gauge None {} = 4",
                """lat.bucket 1 Counter Cumulative {"le":"0.1"} = 1""", """lat.bucket 1 Counter Cumulative {"le":"1E+20"} = 3""", """lat.bucket 1 Counter Cumulative {"le":"+Inf"} = 6""",
            ],
            Stored(),
            StringComparer.Ordinal);
    }

    [Fact]
    public void What_a_histogram_does_not_say_has_no_series()
    {
        Store(Histogram(new HistogramDataPoint { TimeUnixNano = Decoded.Nanos, Count = 6 }));
        Assert.Equal(["lat.count 1 Counter Cumulative {} = 6"], Stored(), StringComparer.Ordinal);
        Store(Histogram(new HistogramDataPoint { TimeUnixNano = Decoded.Nanos, Sum = 0, BucketCounts = { 0 } }));
        Assert.Equal(
            ["lat.count 1 Counter Cumulative {} = 0", "lat.sum s Counter Cumulative {} = 0", """lat.bucket 1 Counter Cumulative {"le":"+Inf"} = 0"""], Stored(), StringComparer.Ordinal);
    }

    [Fact]
    public void An_exponential_histogram_is_known_by_the_places_of_its_buckets()
    {
        var point = new ExponentialHistogramDataPoint
        {
            TimeUnixNano = Decoded.Nanos, Count = 10, Scale = 3, ZeroCount = 1, ZeroThreshold = 0.5,
            Positive = new() { Offset = -8, BucketCounts = { 2, 0 } }, Negative = new() { Offset = 70000, BucketCounts = { 7 } },
        };
        Store(Exponential(point));
        string[] expected =
        [
            "lat.count 1 Counter Cumulative {} = 10", "lat.scale 1 Gauge None {} = 3", "lat.zero_count 1 Counter Cumulative {} = 1", "lat.zero_threshold s Gauge None {} = 0.5",
            "lat.positive_offset 1 Gauge None {} = -8", """lat.positive_bucket 1 UpDown Cumulative {"place":"0"} = 2""", """lat.positive_bucket 1 UpDown Cumulative {"place":"1"} = 0""",
            "lat.negative_offset 1 Gauge None {} = 70000", """lat.negative_bucket 1 UpDown Cumulative {"place":"0"} = 7""",
        ];
        Assert.Equal(expected, Stored(), StringComparer.Ordinal);

        // Another scale and other offsets are other values of the same series: the dictionary does not grow with the data.
        int numbers = _numbers.Count;
        point.Scale = 2;
        point.Positive.Offset = -4;
        Store(Exponential(point));
        Assert.Equal(numbers, _numbers.Count);
    }

    [Fact]
    public void A_summary_has_a_gauge_for_each_quantile()
    {
        var point = new SummaryDataPoint { TimeUnixNano = Decoded.Nanos, Count = 3, QuantileValues = { At(0.5, 1), At(1, double.NaN) } };
        Store(Of(new Metric { Name = "lat", Unit = "s", Summary = new() { DataPoints = { point } } }));
        Assert.Equal(
            [
                "lat.count 1 Counter Cumulative {} = 3", "lat.sum s Counter Cumulative {} = 0", """lat.quantile s Gauge None {"quantile":"0.5"} = 1""",
                """lat.quantile s Gauge None {"quantile":"1"} = NaN""",
            ],
            Stored(),
            StringComparer.Ordinal);
    }

    [Fact]
    public void A_gauge_that_is_called_like_a_part_is_another_series_and_so_is_every_other_kind()
    {
        var histogram = new HistogramDataPoint { TimeUnixNano = Decoded.Nanos, BucketCounts = { 1 } };
        var number = new NumberDataPoint { TimeUnixNano = Decoded.Nanos, AsDouble = 1 };
        byte[][] records =
        [
            Histogram(histogram), Histogram(histogram, AggregationTemporality.Delta), Exponential(new() { TimeUnixNano = Decoded.Nanos }),
            Of(new Metric { Name = "lat", Unit = "s", Summary = new() { DataPoints = { new SummaryDataPoint { TimeUnixNano = Decoded.Nanos } } } }),
            Of(new Metric { Name = "lat.count", Unit = "1", Sum = new() { DataPoints = { number }, IsMonotonic = true, AggregationTemporality = Cumulative } }),
        ];
        foreach (byte[] record in records)
        {
            Store(record);
        }

        string[] counts = [.. _series.Values.Where(series => series.Metric.Name == "lat.count").Select(series => Convert.ToHexString(series.Metric.Identity))];
        Assert.Equal(5, counts.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void An_attribute_that_is_called_like_the_label_keeps_its_histogram_apart_and_the_label_is_what_is_read()
    {
        HistogramDataPoint point(string le) => new()
        {
            TimeUnixNano = Decoded.Nanos, BucketCounts = { 1 }, Attributes = { new KeyValue { Key = "le", Value = new AnyValue { StringValue = le } } },
        };
        Store(Histogram([point("mine"), point("yours")]));
        Assert.Equal(
            [
                """lat.count 1 Counter Cumulative {"le":"mine"} = 0""", """lat.bucket 1 Counter Cumulative {"le":"+Inf"} = 1""",
                """lat.count 1 Counter Cumulative {"le":"yours"} = 0""", """lat.bucket 1 Counter Cumulative {"le":"+Inf"} = 1""",
            ],
            Stored(),
            StringComparer.Ordinal);
        Assert.Equal(2, _series.Values.Select(series => Convert.ToHexString(series.SourceIdentity!)).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Each_point_is_a_frame_of_its_own_so_that_one_that_changes_shape_changes_no_other_layout()
    {
        var steady = new HistogramDataPoint { TimeUnixNano = Decoded.Nanos, BucketCounts = { 1 } };
        var layouts = new HashSet<LayoutEntry>(ReferenceEqualityComparer.Instance);
        for (int buckets = 1; buckets <= 20; buckets++)
        {
            var growing = new ExponentialHistogramDataPoint { TimeUnixNano = Decoded.Nanos, Positive = new() { BucketCounts = { Enumerable.Repeat(1UL, buckets) } } };
            Store(Of(
                new Metric { Name = "steady", Histogram = new() { DataPoints = { steady }, AggregationTemporality = Cumulative } },
                new Metric { Name = "growing", ExponentialHistogram = new() { DataPoints = { growing }, AggregationTemporality = Cumulative } },
                new Metric { Name = "gauge", Gauge = new() { DataPoints = { new NumberDataPoint { TimeUnixNano = Decoded.Nanos, AsDouble = 1 } } } }));
            Assert.Equal(3, _batch.Frames.Count);
            layouts.UnionWith(_batch.Frames.Select(frame => frame.Layout));
        }

        Assert.Equal(1 + 20 + 1, layouts.Count);
    }

    [Fact]
    public void A_histogram_given_twice_stays_as_it_was_given_first()
    {
        var first = new HistogramDataPoint { TimeUnixNano = Decoded.Nanos, Count = 1, BucketCounts = { 1, 0 }, ExplicitBounds = { 5 } };
        var other = new HistogramDataPoint { TimeUnixNano = Decoded.Nanos, Count = 1, Max = 6, BucketCounts = { 0, 1, 0 }, ExplicitBounds = { 5, 6 } };
        Store(Histogram([first, first, other]));
        Assert.Equal(
            ["lat.count 1 Counter Cumulative {} = 1", """lat.bucket 1 Counter Cumulative {"le":"5"} = 1""", """lat.bucket 1 Counter Cumulative {"le":"+Inf"} = 1"""],
            Stored(),
            StringComparer.Ordinal);
        Assert.Equal(3 + 2, _batch.DuplicatePoints);
        Assert.Equal(3, _batch.Conflicts.Count);
    }

    [Fact]
    public void Nothing_recorded_is_null_in_every_part_and_counts_that_no_double_equals_are_counted()
    {
        Store(Histogram(new HistogramDataPoint { TimeUnixNano = Decoded.Nanos, Flags = 1, Count = ulong.MaxValue, Sum = 1, BucketCounts = { 1 } }));
        Assert.Equal(new double?[] { null, null, null }, _batch.ValuesOf(_batch.Frames.Single()));
        Assert.Equal(0, _batch.InexactValues);
        Store(Histogram(new HistogramDataPoint { TimeUnixNano = Decoded.Nanos, Count = ulong.MaxValue, BucketCounts = { 1UL << 53, 1, ulong.MaxValue }, ExplicitBounds = { 0, 1 } }));
        Assert.Equal(new double?[] { 9007199254740992, 9007199254740992, 18446744073709551616.0, 18455751272964292608.0 }, _batch.ValuesOf(_batch.Frames.Single()).Order());
        Assert.Equal(2, _batch.InexactValues);
    }

    [Fact]
    public void Points_with_more_parts_than_a_layout_holds_are_cut_and_too_many_new_ones_are_refused()
    {
        HistogramDataPoint point(int bounds) => new()
        {
            TimeUnixNano = Decoded.Nanos, BucketCounts = { Enumerable.Repeat(1UL, bounds + 1) }, ExplicitBounds = { Enumerable.Range(0, bounds).Select(bound => (double)bound) },
        };
        Store(Histogram(point(300)));
        Assert.Equal([240, 62], _batch.Frames.Select(frame => frame.Count));
        _batch.Decode([Decoded.Raw(Histogram(point(21_000)))]);
        Assert.Contains("more than 20000 series", Assert.Single(_batch.DeadLetters).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Points_of_known_series_allocate_nothing()
    {
        byte[] record = Of(
            new Metric { Name = "h", Histogram = new() { DataPoints = { new HistogramDataPoint { TimeUnixNano = Decoded.Nanos, Sum = 1, BucketCounts = { 1, 2 }, ExplicitBounds = { 1 } } }, AggregationTemporality = Cumulative } },
            new Metric { Name = "e", ExponentialHistogram = new() { DataPoints = { new ExponentialHistogramDataPoint { TimeUnixNano = Decoded.Nanos, Positive = new() { BucketCounts = { 1, 2 } }, Negative = new() { BucketCounts = { 1 } } } }, AggregationTemporality = Cumulative } },
            new Metric { Name = "s", Summary = new() { DataPoints = { new SummaryDataPoint { TimeUnixNano = Decoded.Nanos, QuantileValues = { At(1, 2) } } } } });
        Store(record);
        RawRecord[] batch = [Decoded.Raw(record)];
        Allocations.AssertNone(() =>
        {
            _batch.Decode(batch);
            _batch.Arrange();
        });
        Assert.Equal(3, _batch.Frames.Count);
    }

    private static byte[] Histogram(HistogramDataPoint point, AggregationTemporality temporality = Cumulative) => Histogram([point], temporality);

    private static byte[] Histogram(HistogramDataPoint[] points, AggregationTemporality temporality = Cumulative) =>
        Of(new Metric { Name = "lat", Unit = "s", Histogram = new() { DataPoints = { points }, AggregationTemporality = temporality } });

    private static byte[] Exponential(ExponentialHistogramDataPoint point) =>
        Of(new Metric { Name = "lat", Unit = "s", ExponentialHistogram = new() { DataPoints = { point }, AggregationTemporality = Cumulative } });

    private static SummaryDataPoint.Types.ValueAtQuantile At(double quantile, double value) => new() { Quantile = quantile, Value = value };

    private static byte[] Of(params Metric[] metrics) =>
        new ExportMetricsServiceRequest { ResourceMetrics = { new ResourceMetrics { ScopeMetrics = { new ScopeMetrics { Metrics = { metrics } } } } } }.ToByteArray();

    private string[] Stored() => [.. _batch.Frames.SelectMany(frame => frame.Layout.SeriesIds.Zip(_batch.ValuesOf(frame), (id, value) =>
    {
        SeriesEntry series = _series[id];
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{series.Metric.Name} {series.Metric.Unit} {series.Metric.Kind} {series.Metric.Temporality} {series.AttributesJson} = {value}");
    }))];

    private void Store(byte[] record)
    {
        _batch.Decode([Decoded.Raw(record)]);
        Assert.Empty(_batch.DeadLetters);
        Number();
        _batch.Arrange();
        Number();
    }

    private void Number()
    {
        foreach (DictionaryEntry entry in _batch.Unknown)
        {
            string identity = Convert.ToHexString(entry.Identity);
            if (!_numbers.TryGetValue(identity, out int number))
            {
                _numbers.Add(identity, number = _numbers.Count + 1);
            }

            entry.Know(number);
            if (entry is SeriesEntry series)
            {
                _series[number] = series;
            }
        }
    }
}
