using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>What a real OpenTelemetry Collector has put onto a topic (<c>tests/fixtures/otlp-samples</c>), and what it says according to protoc's own parser.</summary>
internal static class CollectorSamples
{
    private static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "fixtures", "otlp-samples");

    /// <summary>The values of the records, in order.</summary>
    public static byte[][] Records(string sample) =>
        [.. Directory.EnumerateFiles(Path.Combine(Folder, sample)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    /// <summary>The points that the table must hold, of a sender that names no host, on records without a key or with one.</summary>
    public static List<MetricPoint> Truth(string sample, string host = "unknown")
    {
        using var file = new GZipStream(File.OpenRead(Path.Combine(Folder, $"{sample}.jsonl.gz")), CompressionMode.Decompress);
        using var reader = new StreamReader(file);
        var points = new List<MetricPoint>();
        while (reader.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            points.Add(Point(document.RootElement, host));
        }

        return points;
    }

    private static MetricPoint Point(JsonElement line, string host)
    {
        IEnumerable<JsonProperty> attributes = line.GetProperty("resource").EnumerateObject()
            // The default drop list: they often hold secrets.
            .Where(attribute => attribute.Name is not ("process.command_line" or "process.command_args"))
            .Concat(line.GetProperty("attributes").EnumerateObject());
        return new MetricPoint(
            host,
            line.GetProperty("metric").GetString()!,
            line.GetProperty("unit").GetString()!,
            Kind(line),
            MetricPoint.Canonical(attributes.Select(attribute => (attribute.Name, attribute.Value))),
            line.GetProperty("time").GetInt64() / 1000,
            BitConverter.DoubleToInt64Bits(double.Parse(line.GetProperty("value").GetRawText(), CultureInfo.InvariantCulture)));
    }

    private static string Kind(JsonElement line) => (line.GetProperty("kind").GetString(), line.GetProperty("monotonic").ValueKind) switch
    {
        ("gauge", _) => "gauge",
        ("sum", JsonValueKind.True) => "counter",
        ("sum", _) => "up-down",
        (var other, _) => throw new InvalidDataException($"The samples hold a {other}, for which the tests know no truth."),
    };
}
