using System.IO.Compression;
using System.Text.Json;

namespace Hostwire.Tests.Collectors;

/// <summary>One data point of a real Collector's records, from the truth files of <c>fixtures/otlp-samples</c>.</summary>
/// <param name="Record">The file of the record.</param>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Kind"><c>gauge</c> or <c>sum</c>.</param>
/// <param name="IsMonotonic">Of a sum; else null.</param>
/// <param name="Temporality">Of a sum, as OTLP numbers it; else null.</param>
/// <param name="IsInteger">Whether the value was sent as <c>as_int</c>.</param>
/// <param name="Attributes">The point's attributes.</param>
/// <param name="Value">The value.</param>
internal sealed record CollectorSample(
    string Record, string Metric, string Unit, string Kind, bool? IsMonotonic, int? Temporality, bool IsInteger, IReadOnlyDictionary<string, string> Attributes, double Value)
{
    /// <summary>The points of every folder that tell about the host, not about one of its processes, by their metric.</summary>
    public static ILookup<string, CollectorSample> ByMetric { get; } = new[] { "collector-default", "collector-all-scrapers", "collector-json" }
        .SelectMany(Load)
        .Where(sample => sample.Metric.StartsWith("system.", StringComparison.Ordinal))
        .ToLookup(sample => sample.Metric, StringComparer.Ordinal);

    private static IEnumerable<CollectorSample> Load(string folder)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "fixtures", "otlp-samples", $"{folder}.jsonl.gz");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            yield return Parse(folder, document.RootElement);
        }
    }

    private static CollectorSample Parse(string folder, JsonElement point) => new(
        $"{folder}/{point.GetProperty("record").GetString()}",
        point.GetProperty("metric").GetString()!,
        point.GetProperty("unit").GetString()!,
        point.GetProperty("kind").GetString()!,
        point.GetProperty("monotonic") is { ValueKind: not JsonValueKind.Null } monotonic ? monotonic.GetBoolean() : null,
        point.GetProperty("temporality") is { ValueKind: not JsonValueKind.Null } temporality ? temporality.GetInt32() : null,
        point.GetProperty("as").GetString() is "as_int",
        point.GetProperty("attributes").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.ToString(), StringComparer.Ordinal),
        point.GetProperty("value").ValueKind == JsonValueKind.Number ? point.GetProperty("value").GetDouble() : double.NaN);
}
