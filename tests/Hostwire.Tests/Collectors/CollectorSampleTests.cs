using System.IO.Compression;
using System.Text.Json;
using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Tests.Collectors;

/// <summary>What we make of a host and what an OpenTelemetry Collector has sent of it: the figures of <c>small-vm</c> are those of one of its records.</summary>
public sealed class CollectorSampleTests
{
    private const string Record = "2-0.bin";

    /// <summary>The root file system when the Collector read it; no file of the kernel holds this.</summary>
    private static readonly FilesystemUsage RootUsage = new()
    {
        BlockBytes = 4096,
        Blocks = (17903341568 + 79889952768 + 172759879680) / 4096,
        FreeBlocks = (79889952768 + 172759879680) / 4096,
        AvailableBlocks = 79889952768 / 4096,
        Inodes = 642097 + 16135119,
        FreeInodes = 16135119,
    };

    [Theory]
    [InlineData("system.disk.", 11)]
    [InlineData("system.network.", (4 * 8) + 12 + 2)]
    [InlineData("system.filesystem.", 6)]
    public void Our_points_are_those_of_the_Collector_to_the_last_bit(string prefix, int count)
    {
        string[] theirs = [.. CollectorPoints(prefix).Order(StringComparer.Ordinal)];
        string[] ours = [.. OurPoints().Where(point => point.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

        Assert.Equal(count, theirs.Length);
        Assert.Equal(theirs, ours);
    }

    private static IEnumerable<string> OurPoints()
    {
        HostPaths paths = HostFixture.Paths("small-vm");
        var filesystem = new FilesystemCollector(new CollectorSetup(paths), (_, out usage) =>
        {
            usage = RootUsage;
            return 0;
        });
        ICollector[] collectors = [new DiskCollector(paths), new NetworkCollector(paths), new ConnectionsCollector(paths), filesystem];
        return collectors.SelectMany(collector => Reading.Points(collector).Points.ToArray()).Select(Text);
    }

    private static string Text(ScrapePoint point)
    {
        Metric metric = point.Series.Metric;
        string kind = metric.Kind switch
        {
            MetricKind.Gauge => "gauge",
            MetricKind.Counter => "sum True 2",
            _ => "sum False 2",
        };
        return point.IsInteger
            ? FormattableString.Invariant($"{point.Series} [{metric.Unit}] {kind} as_int {point.Integer}")
            : FormattableString.Invariant($"{point.Series} [{metric.Unit}] {kind} as_double {point.Double:R}");
    }

    private static IEnumerable<string> CollectorPoints(string prefix)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "fixtures", "otlp-samples", "collector-all-scrapers.jsonl.gz"));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement point = document.RootElement;
            string name = point.GetProperty("metric").GetString()!;
            if (point.GetProperty("record").ValueEquals(Record) && name.StartsWith(prefix, StringComparison.Ordinal))
            {
                yield return Text(name, point);
            }
        }
    }

    private static string Text(string name, JsonElement point)
    {
        string attributes = string.Join(',', point.GetProperty("attributes").EnumerateObject().Select(attribute => $"{attribute.Name}={attribute.Value}").Order(StringComparer.Ordinal));
        JsonElement kind = point.GetProperty("kind");
        string sum = kind.ValueEquals("sum") ? $" {point.GetProperty("monotonic").GetBoolean()} {point.GetProperty("temporality")}" : "";
        JsonElement form = point.GetProperty("as");
        JsonElement value = point.GetProperty("value");
        string text = form.ValueEquals("as_int") ? FormattableString.Invariant($"{value.GetInt64()}") : FormattableString.Invariant($"{value.GetDouble():R}");
        return $"{name}{(attributes.Length == 0 ? "" : $"{{{attributes}}}")} [{point.GetProperty("unit").GetString()}] {kind}{sum} {form} {text}";
    }
}
