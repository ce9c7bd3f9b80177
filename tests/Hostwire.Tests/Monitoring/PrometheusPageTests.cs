using System.Diagnostics.Metrics;
using Hostwire.Metrics;
using Hostwire.Monitoring;

namespace Hostwire.Tests.Monitoring;

public sealed class PrometheusPageTests : IDisposable
{
    private readonly SelfMeter _meter = new($"test.{Guid.NewGuid():n}");

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Each_kind_has_its_type_and_a_name_with_its_unit()
    {
        _meter.Observe<object?>([Define("a.reads", MetricKind.Counter, "{reads}", 7), Define("a.io", MetricKind.Counter, "By", 8), Define("a.size", MetricKind.UpDown, "By", 9), Define("a.age", MetricKind.Gauge, "s", 0.5)], null);
        using var page = new PrometheusPage(_meter.Meter);
        Assert.Equal(
            """
            # HELP a_reads_total It is a.reads.
            # TYPE a_reads_total counter
            a_reads_total 7
            # HELP a_io_bytes_total It is a.io.
            # TYPE a_io_bytes_total counter
            a_io_bytes_total 8
            # HELP a_size_bytes It is a.size.
            # TYPE a_size_bytes gauge
            a_size_bytes 9
            # HELP a_age_seconds It is a.age.
            # TYPE a_age_seconds gauge
            a_age_seconds 0.5

            """,
            page.Text());
        Assert.Equal(page.Text(), page.Text());
    }

    [Fact]
    public void Label_values_and_help_off_the_wire_cannot_forge_a_line()
    {
        Metric metric = Define("a", MetricKind.Gauge, "", 0).Metric with { AttributeKeys = ["who", "x.y"], Description = "Back\\slash and\nline." };
        _meter.Observe<object?>([new(metric, (_, to) => to.Add(1, "a\\b\"c\nevil 1", "é"))], null);
        using var page = new PrometheusPage(_meter.Meter);
        Assert.Equal("# HELP a Back\\\\slash and\\nline.\n# TYPE a gauge\na{who=\"a\\\\b\\\"c\\nevil 1\",x_y=\"é\"} 1\n", page.Text());
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(1e21, "1E+21")]
    public void Numbers_are_written_as_prometheus_reads_them(double value, string text)
    {
        _meter.Observe<object?>([Define("a", MetricKind.Gauge, "", value)], null);
        using var page = new PrometheusPage(_meter.Meter);
        Assert.EndsWith($"\na {text}\n", page.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Distribution_is_cumulative_buckets_with_sum_and_count_from_the_start_on()
    {
        Histogram<double> histogram = _meter.Histogram(new SelfHistogram { Name = "a.time", Unit = "s", Description = "It takes.", Bounds = [0.1, 1] });
        using var page = new PrometheusPage(_meter.Meter);
        histogram.Record(0.1);
        histogram.Record(0.5);
        Assert.NotEmpty(page.Text());
        histogram.Record(5);
        Assert.Equal(
            """
            # HELP a_time_seconds It takes.
            # TYPE a_time_seconds histogram
            a_time_seconds_bucket{le="0.1"} 1
            a_time_seconds_bucket{le="1"} 2
            a_time_seconds_bucket{le="+Inf"} 3
            a_time_seconds_sum 5.6
            a_time_seconds_count 3

            """,
            page.Text());
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        Histogram<double> histogram = _meter.Histogram(new SelfHistogram { Name = "a.time", Unit = "s", Description = "", Bounds = [0.1, 1] });
        using var page = new PrometheusPage(_meter.Meter);
        histogram.Record(1);
        Allocations.AssertNone(() => histogram.Record(1));
    }

    [Fact]
    public void Metric_without_a_value_is_left_out_and_so_are_other_meters()
    {
        _meter.Observe<object?>([new(Define("a", MetricKind.Gauge, "", 0).Metric, (_, _) => { })], null);
        using var other = new SelfMeter("other");
        other.Observe<object?>([Define("b", MetricKind.Gauge, "", 1)], null);
        using var page = new PrometheusPage(_meter.Meter);
        Assert.Empty(page.Text());
    }

    private static SelfMetric<object?> Define(string name, MetricKind kind, string unit, double value) =>
        new(new Metric { Name = name, Unit = unit, Kind = kind, IsInteger = false, Description = $"It is {name}.", Source = "" }, (_, to) => to.Add(value));
}
