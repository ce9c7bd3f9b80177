using System.Text;
using Google.Protobuf;
using Hostwire.Metrics;
using Hostwire.Otlp;
using Hostwire.Tests.Otlp.Generated;
using Metric = Hostwire.Metrics.Metric;

namespace Hostwire.Tests.Otlp;

public sealed class OtlpJsonWriterTests
{
    private static readonly Metric Memory = new()
    {
        Name = "system.memory.usage", Unit = "By", Kind = MetricKind.UpDown, IsInteger = true, Description = "Not sent.", Source = "/proc/meminfo", AttributeKeys = ["state"],
    };

    [Fact]
    public void A_scrape_reads_as_a_collector_would_write_it()
    {
        var encoder = new OtlpEncoder(new HostIdentity("wéb-1", null), 1_795_445_655_000_000_000, "1.0.0");
        ReadOnlyMemory<byte> record = encoder.Encode([new ScrapePoint(new Series(Memory, "used"), 1_795_446_423_471_806_000, 42L)]);
        Assert.Equal(
            """
            {"resourceMetrics":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"wéb-1"}},{"key":"os.type","value":{"stringValue":"linux"}}]},
            "scopeMetrics":[{"scope":{"name":"hostwire","version":"1.0.0"},"metrics":[{"name":"system.memory.usage","unit":"By","sum":{"dataPoints":[
            {"startTimeUnixNano":"1795445655000000000","timeUnixNano":"1795446423471806000","asInt":"42","attributes":[{"key":"state","value":{"stringValue":"used"}}]}
            ],"aggregationTemporality":2}}]}]}]}
            """.ReplaceLineEndings(""),
            Write(record.Span, indented: false));
    }

    [Fact]
    public void Indented_it_is_for_people() =>
        Assert.Equal("{\n  \"resourceMetrics\": [\n    {}\n  ]\n}", Write(new ExportMetricsServiceRequest { ResourceMetrics = { new ResourceMetrics() } }.ToByteArray(), indented: true));

    [Fact]
    public void Googles_own_json_parser_reads_the_same_message_from_it()
    {
        foreach (byte[] record in Samples.Folders.SelectMany(Samples.Records).Select(record => record.Bytes))
        {
            Assert.Equal(ExportMetricsServiceRequest.Parser.ParseFrom(record), JsonParser.Default.Parse<ExportMetricsServiceRequest>(Write(record, indented: false)));
        }
    }

    [Fact]
    public void Numbers_that_json_does_not_have_are_strings_and_ids_are_hexadecimal()
    {
        NumberDataPoint[] points =
        [
            new() { AsDouble = double.NaN },
            new() { AsDouble = double.PositiveInfinity },
            new() { AsDouble = double.NegativeInfinity, Exemplars = { new Exemplar { TraceId = ByteString.CopyFrom(0xAB, 0x01), SpanId = ByteString.CopyFrom(0xCD) } } },
            new() { AsInt = 0 },
        ];
        string json = Write(new ExportMetricsServiceRequest
        {
            ResourceMetrics = { new ResourceMetrics { ScopeMetrics = { new ScopeMetrics { Metrics = { new Generated.Metric { Gauge = new Gauge { DataPoints = { points } } } } } } } },
        }.ToByteArray(), indented: false);

        Assert.Contains(
            """
            [{"asDouble":"NaN"},{"asDouble":"Infinity"},{"asDouble":"-Infinity","exemplars":[{"spanId":"cd","traceId":"ab01"}]},{"asInt":"0"}]
            """.Trim(),
            json,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Of_malformed_bytes_nothing_is_written_but_the_reason_is_given()
    {
        using var output = new MemoryStream();
        Assert.Equal(DecodeError.InvalidWireType, OtlpJsonWriter.Write([0x0A, 0x00, 0x0E], output, indented: true).Error);
        Assert.Equal(0, output.Length);
    }

    private static string Write(ReadOnlySpan<byte> record, bool indented)
    {
        using var output = new MemoryStream();
        Assert.True(OtlpJsonWriter.Write(record, output, indented).IsOk);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
