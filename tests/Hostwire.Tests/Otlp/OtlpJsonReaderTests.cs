using CsCheck;
using Google.Protobuf;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.Otlp;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Otlp;

public sealed class OtlpJsonReaderTests
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);

    [Fact]
    public void Whatever_a_protobuf_record_says_its_json_says_in_whatever_words()
    {
        int compared = 0;
        new RecordGen([]).Sample(
            record =>
            {
                if (GeneratedParser.TryParse(record, out _))
                {
                    AssertSame(record);
                    Interlocked.Increment(ref compared);
                }
            },
            iter: 2_000,
            print: Convert.ToHexStringLower);
        Assert.True(compared > 500);
    }

    [Fact]
    public void Real_records_say_the_same_in_json() =>
        Assert.All(Samples.Folders.SelectMany(Samples.Records), record => AssertSame(record.Bytes));

    [Theory]
    [InlineData("\"timeUnixNano\":\"18446744073709551615\"", ulong.MaxValue)]
    [InlineData("\"timeUnixNano\":18446744073709551615", ulong.MaxValue)]
    [InlineData("\"timeUnixNano\":1.795446423471806226e18", 1_795_446_423_471_806_226)]
    [InlineData("\"timeUnixNano\":\"17.0\"", 17)]
    [InlineData("\"timeUnixNano\":null", 0)]
    [InlineData("\"timeUnixNano\":1,\"timeUnixNano\":2", 2)]
    [InlineData("\"time_unix_nano\":1", 0)]
    [InlineData("\"\\u0074imeUnixNano\":\"3\"", 3)]
    public void Whole_numbers_are_taken_as_numbers_and_as_strings(string member, ulong expected) =>
        Assert.Equal(expected, Point($"{{{member}}}").TimeUnixNano);

    [Theory]
    [InlineData("0", 0.0)]
    [InlineData("-0", -0.0)]
    [InlineData("\"NaN\"", double.NaN)]
    [InlineData("\"Infinity\"", double.PositiveInfinity)]
    [InlineData("\"-Infinity\"", double.NegativeInfinity)]
    [InlineData("\"0.1\"", 0.1)]
    [InlineData("4.9406564584124654E-324", double.Epsilon)]
    [InlineData("1e-999", 0.0)]
    public void Doubles_are_taken_bit_by_bit(string value, double expected)
    {
        NumberDataPoint point = Point($$"""{"asDouble":{{value}}}""");
        Assert.Equal(NumberDataPoint.ValueOneofCase.AsDouble, point.ValueCase);
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(point.AsDouble));
    }

    [Theory]
    [InlineData("\"AQL/\"")]
    [InlineData("\"AQL_\"")]
    public void Bytes_are_base64_in_either_alphabet(string value) =>
        Assert.Equal([1, 2, 255], Point($$$$$"""{"attributes":[{"key":"k","value":{"bytesValue":{{{{{value}}}}}}}]}""").Attributes.Single().Value.BytesValue.ToByteArray());

    [Theory]
    [InlineData("\"AA==\"")]
    [InlineData("\"AA\"")]
    public void Bytes_may_be_padded_or_not(string value) =>
        Assert.Equal([0], Point($$$$$"""{"attributes":[{"key":"k","value":{"bytesValue":{{{{{value}}}}}}}]}""").Attributes.Single().Value.BytesValue.ToByteArray());

    [Theory]
    [InlineData("1", 1)]
    [InlineData("\"2\"", 2)]
    [InlineData("\"AGGREGATION_TEMPORALITY_CUMULATIVE\"", 2)]
    public void A_temporality_is_taken_as_number_and_by_name(string value, int expected) =>
        Assert.Equal(expected, (int)Parse($$$$$"""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"aggregationTemporality":{{{{{value}}}}}}}]}]}]}""")
            .ResourceMetrics[0].ScopeMetrics[0].Metrics[0].Sum.AggregationTemporality);

    [Fact]
    public void Exemplars_and_unknown_members_are_skipped_whatever_is_in_them() =>
        Assert.Equal(new NumberDataPoint { AsInt = -1 }, Point("""{"exemplars":[{"traceId":7},null],"new":{"a":[{"b":"\ud800"}]},"asInt":"-1"}"""));

    [Theory]
    [InlineData("[]", "The record at byte 0 is no object")]
    [InlineData("""{"resourceMetrics":{}}""", "resourceMetrics at byte 19 is no list")]
    [InlineData("""{"resourceMetrics":[null]}""", "resourceMetrics at byte 20 is no object")]
    [InlineData("""{"resourceMetrics":[{"schemaUrl":1}]}""", "schemaUrl at byte 33 is no string")]
    public void What_is_of_another_form_is_refused_with_its_place(string json, string reason) => Assert.Equal($"Not OTLP JSON: {reason}.", OtlpJson.Refusal(json));

    [Theory]
    [InlineData("\"timeUnixNano\":\"1.5\"", "timeUnixNano at byte 89 is no whole number")]
    [InlineData("\"timeUnixNano\":-1", "timeUnixNano at byte 89 is not within 0 and 18446744073709551615")]
    [InlineData("\"timeUnixNano\":\"\\u0061\"", "timeUnixNano at byte 89 is no whole number")]
    [InlineData("\"timeUnixNano\":\"\"", "timeUnixNano at byte 89 is no whole number")]
    [InlineData("\"timeUnixNano\":[1]", "timeUnixNano at byte 89 is no whole number")]
    [InlineData("\"asInt\":9223372036854775808", "asInt at byte 82 is not within -9223372036854775808 and 9223372036854775807")]
    [InlineData("\"\\u0061sDouble\":[]", "asDouble at byte 90 is no double")]
    [InlineData("\"asInt\":1e40", "asInt at byte 82 is no whole number")]
    [InlineData("\"asDouble\":1e999", "asDouble at byte 85 is no double")]
    [InlineData("\"asDouble\":\"nan\"", "asDouble at byte 85 is no double")]
    [InlineData("\"asDouble\":true", "asDouble at byte 85 is no double")]
    [InlineData("\"flags\":4294967296", "flags at byte 82 is not within 0 and 4294967295")]
    [InlineData("\"attributes\":[{\"value\":{\"boolValue\":1}}]", "boolValue at byte 110 is neither true nor false")]
    [InlineData("\"attributes\":[{\"value\":{\"bytesValue\":\"%\"}}]", "bytesValue at byte 111 is no base64")]
    public void A_number_that_is_none_is_refused_with_its_place(string member, string reason) =>
        Assert.Equal($"Not OTLP JSON: {reason}.", OtlpJson.Refusal($$$$$"""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{{{{{{member}}}}}}]}}]}]}]}"""));

    [Fact]
    public void A_temporality_of_no_known_name_is_refused() =>
        Assert.Contains("aggregationTemporality at byte 82 is no whole number", OtlpJson.Refusal(
            """{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"aggregationTemporality":"sometimes"}}]}]}]}"""), StringComparison.Ordinal);

    [Fact]
    public void Nesting_is_taken_as_deep_as_in_protobuf_and_no_deeper()
    {
        // Five messages down to the point, two for the attribute and its value, two more for each list in it.
        Assert.Null(OtlpJson.Refusal(Nested(46)));
        Assert.Equal(DecodeResult.Ok, OtlpDecoder.TryDecode(OtlpJson.ToProtobuf(Nested(46)), new DecodedRecord()));
        Assert.Contains("is nested more than 100 deep", OtlpJson.Refusal(Nested(47)), StringComparison.Ordinal);
        Assert.Equal("no JSON", OtlpJson.Refusal($$"""{"new":{{new string('[', 600)}}{{new string(']', 600)}}}"""));
    }

    [Fact]
    public void The_bytes_are_those_that_protocs_own_writer_makes()
    {
        byte[] expected = new ExportMetricsServiceRequest
        {
            ResourceMetrics =
            {
                new ResourceMetrics
                {
                    Resource = new Resource { Attributes = { new KeyValue { Key = "host.name", Value = new AnyValue { StringValue = new string('x', 300) } } } },
                    ScopeMetrics = { new ScopeMetrics { Metrics = { new Generated.Metric { Name = "m", Gauge = new Gauge { DataPoints = { new NumberDataPoint { TimeUnixNano = 1, AsInt = -1 } } } } } } },
                },
            },
        }.ToByteArray();
        Assert.Equal(expected, OtlpJson.ToProtobuf(OtlpJson.Of(expected)));
    }

    private static string Nested(int lists) =>
        "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"name\":\"m\",\"gauge\":{\"dataPoints\":[{\"timeUnixNano\":1,\"attributes\":[{\"key\":\"k\",\"value\":"
        + string.Concat(Enumerable.Repeat("{\"arrayValue\":{\"values\":[", lists)) + "{}" + string.Concat(Enumerable.Repeat("]}}", lists))
        + "}]}]}}]}]}]}";

    // Compared as Google writes it: JSON has one NaN, no -0 where zero is left out, and no unknown fields.
    private static void AssertSame(byte[] record)
    {
        ExportMetricsServiceRequest request = ExportMetricsServiceRequest.Parser.ParseFrom(record);
        string googles = Formatter.Format(request);
        Exemplars.Clear(request);
        string expected = Formatter.Format(request);
        byte[] json = OtlpJson.Of(record);
        Assert.Equal(expected, Formatter.Format(Parse(json)));
        Assert.Equal(expected, Formatter.Format(Parse(JsonDisguise.Disguise(json, new Random(record.Length)))));
        Assert.Equal(expected, Formatter.Format(Parse(googles)));
    }

    private static NumberDataPoint Point(string point) =>
        Parse($$$$$"""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{{{{{point}}}}}]}}]}]}]}""").ResourceMetrics[0].ScopeMetrics[0].Metrics[0].Gauge.DataPoints[0];

    private static ExportMetricsServiceRequest Parse(string json) => ExportMetricsServiceRequest.Parser.ParseFrom(OtlpJson.ToProtobuf(json));

    private static ExportMetricsServiceRequest Parse(byte[] json) => ExportMetricsServiceRequest.Parser.ParseFrom(OtlpJson.ToProtobuf(json));
}
