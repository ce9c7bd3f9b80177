using Google.Protobuf;
using Google.Protobuf.Collections;
using Hostwire.Metrics;
using Hostwire.Otlp;
using Hostwire.Tests.Otlp.Generated;
using Metric = Hostwire.Metrics.Metric;

namespace Hostwire.Tests.Otlp;

public sealed class OtlpEncoderTests
{
    private const long Start = 1_795_445_655_000_000_000;
    private const long Time = 1_795_446_423_471_806_000;

    private static readonly Metric Load = Define("system.cpu.load_average.1m", "{thread}", MetricKind.Gauge, isInteger: false);
    private static readonly Metric Cpu = Define("system.cpu.time", "s", MetricKind.Counter, isInteger: false, "cpu", "state");
    private static readonly Metric Memory = Define("system.memory.usage", "By", MetricKind.UpDown, isInteger: true, "state");

    private static readonly Series LoadSeries = new(Load);
    private static readonly Series[] CpuSeries = [new(Cpu, "cpu0", "user"), new(Cpu, "cpu0", "idle"), new(Cpu, "cpu1", "user")];
    private static readonly Series[] MemorySeries = [new(Memory, "used"), new(Memory, "")];

    [Fact]
    public void A_generated_parser_reads_every_name_unit_kind_attribute_time_and_value()
    {
        ScrapePoint[] points =
        [
            new(LoadSeries, Time, 0.65),
            new(CpuSeries[0], Time, 12345.67),
            new(CpuSeries[1], Time, -0.0),
            new(CpuSeries[2], Time, double.NaN),
            new(MemorySeries[0], Time + 1000, long.MaxValue),
            new(MemorySeries[1], Time + 1000, long.MinValue),
        ];

        ExportMetricsServiceRequest request = Parse(NewEncoder().Encode(points));

        ResourceMetrics resource = Assert.Single(request.ResourceMetrics);
        EqualTexts(["host.name=web-1", "host.id=0123456789abcdef", "os.type=linux"], resource.Resource.Attributes.Select(Text));
        ScopeMetrics scope = Assert.Single(resource.ScopeMetrics);
        Assert.Equal(("hostwire", "1.2.3"), (scope.Scope.Name, scope.Scope.Version));
        EqualTexts([Load.Name, Cpu.Name, Memory.Name], scope.Metrics.Select(metric => metric.Name));
        EqualTexts([Load.Unit, Cpu.Unit, Memory.Unit], scope.Metrics.Select(metric => metric.Unit));
        EqualTexts(["", "", ""], scope.Metrics.Select(metric => metric.Description));

        Assert.Equal([(Time, 0UL, Bits(0.65), "")], scope.Metrics[0].Gauge.DataPoints.Select(Doubles));
        Sum cpu = scope.Metrics[1].Sum;
        Assert.Equal((AggregationTemporality.Cumulative, true), (cpu.AggregationTemporality, cpu.IsMonotonic));
        Assert.Equal(
            [(Time, (ulong)Start, Bits(12345.67), "cpu=cpu0,state=user"), (Time, (ulong)Start, Bits(-0.0), "cpu=cpu0,state=idle"), (Time, (ulong)Start, Bits(double.NaN), "cpu=cpu1,state=user")],
            cpu.DataPoints.Select(Doubles));
        Sum memory = scope.Metrics[2].Sum;
        Assert.Equal((AggregationTemporality.Cumulative, false), (memory.AggregationTemporality, memory.IsMonotonic));
        Assert.Equal([long.MaxValue, long.MinValue], memory.DataPoints.Select(point => point.AsInt));
        Assert.All(memory.DataPoints, point => Assert.Equal(NumberDataPoint.ValueOneofCase.AsInt, point.ValueCase));
        EqualTexts(["state=used", "state="], memory.DataPoints.Select(point => Text(Assert.Single(point.Attributes))));
        Assert.All(memory.DataPoints, point => Assert.Equal((Time + 1000, Start), ((long)point.TimeUnixNano, (long)point.StartTimeUnixNano)));
    }

    [Fact]
    public void What_is_about_a_subject_has_a_resource_of_its_own_wherever_it_stands_in_the_scrape()
    {
        var one = new Subject(["process.executable.name"], ["postgres"]);
        var other = new Subject(["process.executable.name"], ["nginx"]);
        ScrapePoint[] points =
        [
            new(CpuSeries[0], Time, 1.0),
            new(new Series(Memory, "used") { Subject = one }, Time, 2),
            new(new Series(Load) { Subject = one }, Time, 3.0),
            new(new Series(Memory, "used") { Subject = other }, Time, 4),
            new(CpuSeries[1], Time, 5.0),
        ];

        OtlpEncoder encoder = NewEncoder();
        ReadOnlyMemory<byte> record = encoder.Encode(points);
        ExportMetricsServiceRequest request = Parse(record);
        Assert.Equal(request.ToByteArray(), record.ToArray());
        EqualTexts(
            [
                "host.name=web-1 host.id=0123456789abcdef os.type=linux: system.cpu.time",
                "host.name=web-1 host.id=0123456789abcdef os.type=linux process.executable.name=postgres: system.memory.usage system.cpu.load_average.1m",
                "host.name=web-1 host.id=0123456789abcdef os.type=linux process.executable.name=nginx: system.memory.usage",
            ],
            request.ResourceMetrics.Select(resource =>
                $"{string.Join(' ', resource.Resource.Attributes.Select(Text))}: {string.Join(' ', resource.ScopeMetrics.Single().Metrics.Select(metric => metric.Name))}"));
        Assert.Equal([1.0, 5.0], request.ResourceMetrics[0].ScopeMetrics[0].Metrics[0].Sum.DataPoints.Select(point => point.AsDouble));
        Allocations.AssertNone(() => encoder.Encode(points));

        // A scrape in which nothing but subjects was due has no empty resource for the host.
        Assert.Equal(2, Parse(encoder.Encode(points.AsSpan(1, 3))).ResourceMetrics.Count);
    }

    [Fact]
    public void The_bytes_are_those_of_the_generated_writer()
    {
        ReadOnlyMemory<byte> record = NewEncoder().Encode(Everything(Time, 1));
        Assert.Equal(Parse(record).ToByteArray(), record.ToArray());
    }

    [Fact]
    public void An_encoder_of_many_hosts_makes_the_bytes_that_each_hosts_own_would()
    {
        var shared = new OtlpEncoder("1.2.3");
        foreach (HostIdentity host in new HostIdentity[] { new("web-1", "0123456789abcdef"), new("a", null), new("web-1", "0123456789abcdef") })
        {
            byte[] own = new OtlpEncoder(host, Start, "1.2.3").Encode(Everything(Time, 1)).ToArray();
            Assert.Equal(own, shared.Encode(new OtlpSource(host, Start), Everything(Time, 1)).ToArray());
        }

        Assert.Throws<InvalidOperationException>(() => shared.Encode(Everything(Time, 1)));
    }

    [Fact]
    public void A_metric_whose_points_stand_in_several_places_is_one_metric_with_all_of_them()
    {
        ScrapePoint[] points = [new(CpuSeries[0], Time, 1.0), new(LoadSeries, Time, 2.0), new(CpuSeries[1], Time, 3.0), new(LoadSeries, Time, 4.0), new(CpuSeries[2], Time, 5.0)];
        OtlpEncoder encoder = NewEncoder();
        encoder.Encode(points.AsSpan(1));

        RepeatedField<Generated.Metric> metrics = Parse(encoder.Encode(points)).ResourceMetrics[0].ScopeMetrics[0].Metrics;

        EqualTexts([Cpu.Name, Load.Name], metrics.Select(metric => metric.Name));
        Assert.Equal([1.0, 3.0, 5.0], metrics[0].Sum.DataPoints.Select(point => point.AsDouble));
        Assert.Equal([2.0, 4.0], metrics[1].Gauge.DataPoints.Select(point => point.AsDouble));
    }

    [Fact]
    public void The_same_series_give_the_same_bytes_but_for_values_and_times()
    {
        OtlpEncoder encoder = NewEncoder();
        byte[] first = encoder.Encode(Everything(Time, 3)).ToArray();
        byte[] second = encoder.Encode(Everything(Time + 10_000_000_000, 0x7765_4433_2211_0099)).ToArray();

        Assert.NotEqual(first, second);
        Assert.Equal(WithoutValuesAndTimes(first), WithoutValuesAndTimes(second));
    }

    [Fact]
    public void Two_encoders_of_one_host_give_the_same_bytes() =>
        Assert.Equal(NewEncoder().Encode(Everything(Time, 7)).ToArray(), NewEncoder().Encode(Everything(Time, 7)).ToArray());

    [Fact]
    public void Text_of_any_length_and_script_survives()
    {
        string[] values = ["", "ä", "日本語", "🙂", new('x', 127), new('x', 128), new('ü', 20_000), "broken \ud800 surrogate"];
        Series[] series = [.. values.Select(value => new Series(Memory, value))];
        ScrapePoint[] points = [.. series.Select(one => new ScrapePoint(one, Time, 1L))];

        ExportMetricsServiceRequest request = Parse(NewEncoder().Encode(points));

        EqualTexts(
            [.. values[..^1], "broken \ufffd surrogate"],
            request.ResourceMetrics[0].ScopeMetrics[0].Metrics[0].Sum.DataPoints.Select(point => point.Attributes[0].Value.StringValue));
    }

    [Fact]
    public void A_host_without_an_id_sends_none()
    {
        var encoder = new OtlpEncoder(new HostIdentity("web-1", null), Start, "1.2.3");
        EqualTexts(["host.name=web-1", "os.type=linux"], Parse(encoder.Encode([new(LoadSeries, Time, 1.0)])).ResourceMetrics[0].Resource.Attributes.Select(Text));
    }

    [Fact]
    public void A_scrape_without_points_is_a_record_without_metrics() =>
        Assert.Empty(Parse(NewEncoder().Encode([])).ResourceMetrics[0].ScopeMetrics[0].Metrics);

    [Fact]
    public void Encoding_allocates_nothing_once_every_series_was_seen()
    {
        OtlpEncoder encoder = NewEncoder();
        ScrapePoint[] points = Everything(Time, 1);
        encoder.Encode(points);
        Allocations.AssertNone(() =>
        {
            encoder.Encode(points);
            encoder.Encode(points.AsSpan(1));
        });
    }

    [Fact]
    public void Our_own_decoder_reads_what_the_encoder_writes()
    {
        ReadOnlyMemory<byte> record = NewEncoder().Encode(Everything(Time, 5));
        var decoded = new DecodedRecord();
        Assert.True(OtlpDecoder.TryDecode(record.Span, decoded).IsOk);
        Assert.Equal(Everything(Time, 5).Select(point => (point.Double, (ulong)point.TimeUnixNano)), decoded.Points.ToArray().Select(point => (point.Value, point.TimeUnixNano)));
        Assert.All(decoded.Points.ToArray(), point => Assert.True(point.AttributeCount == 0 || point.AttributeBytes.Length > 0));
    }

    private static ScrapePoint[] Everything(long time, long value) =>
    [
        new(LoadSeries, time, 0.5 * value),
        .. CpuSeries.Select(series => new ScrapePoint(series, time, 1.25 * value)),
        .. MemorySeries.Select(series => new ScrapePoint(series, time, value)),
    ];

    // The values and times of that test are bytes that occur nowhere else, so what the parser says they are can be found in the record.
    private static byte[] WithoutValuesAndTimes(byte[] record)
    {
        byte[] blanked = [.. record];
        foreach (Generated.Metric metric in Parse(record).ResourceMetrics[0].ScopeMetrics[0].Metrics)
        {
            foreach (NumberDataPoint point in metric.Gauge?.DataPoints ?? metric.Sum.DataPoints)
            {
                Blank(blanked, record, BitConverter.GetBytes(point.TimeUnixNano));
                Blank(blanked, record, BitConverter.GetBytes(point.ValueCase == NumberDataPoint.ValueOneofCase.AsInt ? point.AsInt : Bits(point.AsDouble)));
            }
        }

        return blanked;
    }

    private static void Blank(byte[] blanked, byte[] record, byte[] value)
    {
        int at = record.AsSpan().IndexOf(value);
        Assert.True(at >= 0);
        for (int from = 0; at >= 0; at = record.AsSpan(from).IndexOf(value))
        {
            blanked.AsSpan(from + at, value.Length).Fill(0xEE);
            from += at + value.Length;
        }
    }

    private static void EqualTexts(IEnumerable<string> expected, IEnumerable<string> actual) => Assert.Equal(expected, actual, StringComparer.Ordinal);

    private static OtlpEncoder NewEncoder() => new(new HostIdentity("web-1", "0123456789abcdef"), Start, "1.2.3");

    private static Metric Define(string name, string unit, MetricKind kind, bool isInteger, params string[] keys) =>
        new() { Name = name, Unit = unit, Kind = kind, IsInteger = isInteger, Description = "Not sent.", Source = "/proc", AttributeKeys = keys };

    private static ExportMetricsServiceRequest Parse(ReadOnlyMemory<byte> record) => ExportMetricsServiceRequest.Parser.ParseFrom(record.Span);

    private static (long Time, ulong Start, long Bits, string Attributes) Doubles(NumberDataPoint point)
    {
        Assert.Equal(NumberDataPoint.ValueOneofCase.AsDouble, point.ValueCase);
        return ((long)point.TimeUnixNano, point.StartTimeUnixNano, Bits(point.AsDouble), string.Join(',', point.Attributes.Select(Text)));
    }

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);

    private static string Text(KeyValue attribute) => $"{attribute.Key}={attribute.Value.StringValue}";
}
