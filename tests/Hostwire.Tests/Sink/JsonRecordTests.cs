using System.Text;
using CsCheck;
using Hostwire.Otlp;
using Hostwire.Sink;
using Hostwire.Tests.Otlp;
using static Hostwire.Tests.Sink.OtlpRecord;

namespace Hostwire.Tests.Sink;

public sealed class JsonRecordTests
{
    private const long TimeMillis = 1_700_000_000_123;
    private const string Demo = """
        {"hostname": "web-1", "system_metrics": {"total_cpu": 12.5, "current_cpu_frequency": 2400.0, "memory_use": 9007199254740993, "available_memory": 1,
        "percent_memory_use": 99.9, "network_traffic_in": 10, "network_traffic_out": 20, "total_network_traffic": 30}}
        """;

    private readonly SeriesCache _cache = new(Decoded.Rules);
    private readonly FrameBatch _batch;

    public JsonRecordTests() => _batch = new FrameBatch(_cache, Decoded.Rules);

    [Fact]
    public void Otlp_json_makes_the_frames_of_the_same_record_in_protobuf()
    {
        foreach (byte[] record in Samples.Folders.SelectMany(Samples.Records).Select(sample => sample.Bytes))
        {
            string fromJson = Frames(OtlpJson.Of(record));
            Assert.NotEmpty(fromJson);
            Assert.Equal(Frames(record), fromJson);
        }
    }

    [Fact]
    public void The_demos_json_makes_one_frame_at_the_records_time_and_an_offset_of_microseconds()
    {
        Assert.Equal(
            "web-1 1700000000123999: available_memory By Gauge 1, current_cpu_frequency MHz Gauge 2400, memory_use By Gauge 9007199254740992, network_traffic_in By Counter 10, "
            + "network_traffic_out By Counter 20, percent_memory_use % Gauge 99.9, total_cpu % Gauge 12.5, total_network_traffic By Counter 30",
            Frames(Encoding.UTF8.GetBytes(Demo), offset: 7_999));
        Assert.Equal(1, _batch.InexactValues);
    }

    [Fact]
    public void What_else_the_demos_json_has_is_a_gauge_without_unit_and_null_is_nothing() =>
        Assert.Equal("unknown 1700000000123000: disk_free  Gauge NaN, total_cpu % Gauge 0", Frames(
            """{"timestamp": [1], "system_metrics": {"disk_free": "NaN", "memory_use": null, "total_cpu": 0}}"""u8.ToArray()));

    [Fact]
    public void A_demo_host_without_a_name_is_called_by_the_records_key() =>
        Assert.StartsWith("key-1 ", Frames("""{"hostname": null, "system_metrics": {"total_cpu": 0}}"""u8.ToArray(), key: "key-1"u8.ToArray()), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"hostname": 1, "system_metrics": {}}""", "Not JSON of system_metrics: hostname at byte 13 is no string.")]
    [InlineData("""{"system_metrics": [1]}""", "Not JSON of system_metrics: system_metrics at byte 19 is no object.")]
    [InlineData("""{"system_metrics": {"a": true}}""", "Not JSON of system_metrics: the value of a at byte 25 is no number.")]
    [InlineData("""{"system_metrics": {"a": 1}} {}""", "The JSON is malformed, or nested more than 512 deep, at byte 29.")]
    [InlineData("""{"system_metrics": {}}""", "The record holds no point of a metric: it is empty, or of another kind.")]
    [InlineData("""{"resourceLogs": []}""", "The record holds no point of a metric: it is empty, or of another kind.")]
    [InlineData("{\"resourceMetrics\":[\n{\"resource\":}\n]}", "The JSON is malformed, or nested more than 512 deep, at byte 33.")]
    [InlineData("""{"resourceMetrics":[""", "The JSON is malformed, or nested more than 512 deep, at byte 20.")]
    [InlineData("[1]", "Not OTLP JSON: The record at byte 0 is no object.")]
    [InlineData("\uFEFF{}", "The JSON is malformed, or nested more than 512 deep, at byte 0.")]
    [InlineData("""{"resourceMetrics":[{"schemaUrl":"\ud800"}]}""", "The text in the JSON at byte 33 has half of a character that takes two \\u escapes.")]
    [InlineData("""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":[{"asInt":1}]}}]}]}]}""", "The point at resourceMetrics[0].scopeMetrics[0].metrics[0].gauge.dataPoints[0] has no time.")]
    [InlineData("""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"timeUnixNano":1}]}}]}]}]}""", "The metric at resourceMetrics[0].scopeMetrics[0].metrics[0] has no name.")]
    public void Json_that_cannot_be_stored_is_refused_with_its_place(string json, string reason) => Assert.Equal(reason, Refusal(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Json_that_is_no_utf8_is_refused_with_its_place() =>
        Assert.Equal("The JSON is not UTF-8 at byte 26.", Refusal([.. """{"system_metrics": {"ä": """u8, 0xFF, .. "1}}"u8]));

    [Fact]
    public void The_demos_json_on_a_record_without_time_is_refused() =>
        Assert.Equal("The record has no time that its points could have.", Refusal(Encoding.UTF8.GetBytes(Demo), timeMillis: 0));

    [Fact]
    public void A_name_too_long_is_refused_with_its_place() =>
        Assert.Equal(
            "The name, unit or scope of a metric at resourceMetrics[0].scopeMetrics[0].metrics[0] is longer than 1024 bytes.",
            Refusal(Encoding.UTF8.GetBytes($$$"""{"system_metrics": {"{{{new string('x', 1025)}}}": 1}}""")));

    [Fact]
    public void A_protobuf_record_that_begins_like_json_is_read_as_protobuf()
    {
        // A resource of 123 bytes: the record begins with a line feed and a brace.
        byte[] record = Of(Resource([Attribute("host.name", "web-1"), Attribute("os.description", new string('x', 44))], Gauge("m", Point(Decoded.Nanos, 1))));
        Assert.Equal("\n{"u8.ToArray(), record[..2]);
        Assert.Equal("web-1 1700000000123456: m  Gauge 1", Frames(record));
        Assert.Contains("is cut off", Refusal(record[..^1]), StringComparison.Ordinal);
    }

    [Fact]
    public void No_protobuf_record_with_points_is_valid_json_and_no_json_has_points_as_protobuf()
    {
        var json = new JsonRecord();
        var decoded = new DecodedRecord();
        new RecordGen([.. Samples.Records(Samples.Folders[0]).Select(sample => sample.Bytes)]).Sample(
            record =>
            {
                DecodeResult result = OtlpDecoder.TryDecode(record, decoded);
                if (result.IsOk && !decoded.IsEmpty)
                {
                    Assert.NotNull(json.Read(Decoded.Raw(record)));
                    byte[] asJson = OtlpJson.Of(record);
                    Assert.True(JsonRecord.IsMeant(asJson));
                    Assert.True(!OtlpDecoder.TryDecode(asJson, decoded).IsOk || decoded.IsEmpty);
                }
            },
            iter: 2_000, threads: 1, print: Convert.ToHexStringLower);
    }

    private string Frames(byte[] record, long offset = 0, byte[]? key = null)
    {
        _cache.Clear();
        _batch.Decode([Decoded.Raw(record, key, offset) with { TimeMillis = TimeMillis }]);
        Assert.Empty(_batch.DeadLetters);
        int number = 0;
        foreach (DictionaryEntry entry in _batch.Unknown)
        {
            entry.Know(++number);
        }

        _batch.Arrange();
        SeriesEntry[] series = [.. _batch.SeriesOf([.. _batch.Frames.Select(frame => frame.Layout)])];
        return string.Join('\n', _batch.Frames.Select(frame => $"{frame.Host.Name} {frame.TimeMicros}: {string.Join(", ", Values(frame, series))}").Order(StringComparer.Ordinal));
    }

    private IEnumerable<string> Values(Frame frame, SeriesEntry[] series) =>
        frame.Layout.SeriesIds.Zip(_batch.ValuesOf(frame), (id, value) =>
        {
            SeriesEntry one = series.Single(entry => entry.Id == id);
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{one.Metric.Name} {one.Metric.Unit} {one.Metric.Kind} {value}{one.AttributesJson.Replace("{}", "", StringComparison.Ordinal)}");
        }).Order(StringComparer.Ordinal);

    private string Refusal(byte[] record, long timeMillis = TimeMillis)
    {
        _batch.Decode([Decoded.Raw(record) with { TimeMillis = timeMillis }]);
        return _batch.DeadLetters.Single().Reason;
    }
}
