using System.Text;
using System.Text.Json;
using Hostwire.Metrics;
using Hostwire.Otlp;

namespace Hostwire.Tests.Otlp;

public sealed class OtlpDecoderSampleTests
{
    [Theory]
    [InlineData("collector-default", 582)]
    [InlineData("collector-all-scrapers", 2372)]
    [InlineData("collector-json", 1194)]
    public void Real_records_decode_to_their_truth_point_by_point(string folder, int expectedPoints)
    {
        ILookup<string, JsonElement> truth = Samples.Truth(folder);
        var decoded = new DecodedRecord();
        int points = 0;
        foreach ((string name, byte[] bytes) in Samples.Records(folder))
        {
            byte[] record = folder == Samples.JsonFolder ? OtlpJson.ToProtobuf(bytes) : bytes;
            Assert.Equal(DecodeResult.Ok, OtlpDecoder.TryDecode(record, decoded));
            string[] expected = [.. truth[name].Select(Expected).Order(StringComparer.Ordinal)];
            string[] actual = [.. decoded.Points.ToArray().Select(point => Actual(record, decoded, point)).Order(StringComparer.Ordinal)];
            Assert.Equal(expected, actual);
            points += actual.Length;
        }

        Assert.Equal(expectedPoints, points);
    }

    [Fact]
    public void Decoding_allocates_nothing_once_the_output_has_grown()
    {
        byte[][] records = [.. Samples.Folders.SelectMany(Samples.Records).Select(record => record.Bytes)];
        var decoded = new DecodedRecord();
        Assert.All(records, record => Assert.True(OtlpDecoder.TryDecode(record, decoded).IsOk));
        Allocations.AssertNone(() =>
        {
            foreach (byte[] record in records)
            {
                OtlpDecoder.TryDecode(record, decoded);
            }
        });
    }

    private static string Expected(JsonElement point)
    {
        double value = point.GetProperty("value").GetDouble();
        string kind = point.GetProperty("kind").GetString()!;
        bool isSum = kind is "sum";
        return Line(
            point.GetProperty("scope").GetString()!,
            point.GetProperty("metric").GetString()!,
            point.GetProperty("unit").GetString()!,
            kind,
            isSum && point.GetProperty("monotonic").GetBoolean(),
            isSum ? (Temporality)point.GetProperty("temporality").GetInt32() : Temporality.None,
            Attributes(point.GetProperty("resource")),
            Attributes(point.GetProperty("attributes")),
            point.GetProperty("time").GetUInt64(),
            value);
    }

    private static string Actual(byte[] record, DecodedRecord decoded, DecodedPoint point)
    {
        DecodedMetric metric = decoded.Metrics[point.MetricIndex];
        Assert.True(point.HasValue);
        return Line(
            Text(record, metric.ScopeName),
            Text(record, metric.Name),
            Text(record, metric.Unit),
            metric.Kind == MetricDataKind.Gauge ? "gauge" : "sum",
            metric.IsMonotonic,
            metric.Temporality,
            Attributes(record, decoded.AttributesOf(decoded.Resources[metric.ResourceIndex])),
            Attributes(record, decoded.AttributesOf(point)),
            point.TimeUnixNano,
            point.Value);
    }

    private static string Line(
        string scope, string metric, string unit, string kind, bool monotonic, Temporality temporality, string resource, string attributes, ulong time, double value) =>
        $"{scope}|{metric}|{unit}|{kind}|{monotonic}|{temporality}|{resource}|{attributes}|{time}|{BitConverter.DoubleToInt64Bits(value):x16}";

    private static string Attributes(JsonElement attributes) =>
        string.Join(';', attributes.EnumerateObject().Select(item => $"{item.Name}={item.Value}").Order(StringComparer.Ordinal));

    private static string Attributes(byte[] record, ReadOnlySpan<DecodedAttribute> attributes)
    {
        var items = new List<string>();
        foreach (DecodedAttribute attribute in attributes)
        {
            var value = new AnyValueReader(record, attribute);
            string text = value.Kind == AnyValueKind.Int ? $"{value.Int}" : Encoding.UTF8.GetString(value.Bytes);
            items.Add($"{Text(record, attribute.Key)}={text}");
        }

        return string.Join(';', items.Order(StringComparer.Ordinal));
    }

    private static string Text(byte[] record, ByteRange range) => Encoding.UTF8.GetString(range.In(record));
}
