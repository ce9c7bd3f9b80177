using Hostwire.Collectors;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Metrics;

namespace Hostwire.Tests.Collectors;

/// <summary><c>docs/metrics.md</c> says of the catalogue what the code says. With <c>HOSTWIRE_TEST_UPDATE_DOCS=1</c> the table is written anew.</summary>
public sealed class MetricsDocumentTests
{
    private const string Heading = "| metric | unit | kind | integer | attributes | collector | source | description |";

    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "docs", "metrics.md"));

    [Fact]
    public void The_table_has_a_row_for_every_metric_of_the_catalogue_in_its_order()
    {
        string[] expected = [.. CollectorCatalogue.All.SelectMany(definition => definition.Metrics, Row)];
        if (Environment.GetEnvironmentVariable("HOSTWIRE_TEST_UPDATE_DOCS") is "1")
        {
            Write(expected);
            return;
        }

        string[] actual = [.. Lines.SkipWhile(line => !line.Equals(Heading, StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))];

        Assert.True(
            expected.SequenceEqual(actual, StringComparer.Ordinal),
            $"docs/metrics.md differs from the catalogue. Its table should be:\n\n{Heading}\n|---|---|---|---|---|---|---|---|\n{string.Join('\n', expected)}\n");
    }

    [Fact]
    public void Every_collector_has_a_section_that_says_how_often_it_reads() =>
        Assert.All(CollectorCatalogue.All, definition =>
        {
            string section = string.Join('\n', Lines
                .SkipWhile(line => !line.Equals($"### {definition.Name}", StringComparison.Ordinal))
                .Skip(1)
                .TakeWhile(line => !line.StartsWith('#')));
            Assert.Contains($"Every {definition.IntervalSeconds} s.", section, StringComparison.Ordinal);
        });

    private static void Write(string[] rows)
    {
        string path = Repository.PathOf("docs/metrics.md");
        string[] lines = File.ReadAllLines(path);
        int begin = Array.IndexOf(lines, Heading) + 2;
        int end = Array.FindIndex(lines, begin, line => !line.StartsWith('|'));
        File.WriteAllLines(path, [.. lines[..begin], .. rows, .. lines[end..]]);
    }

    private static string Row(CollectorDefinition definition, Metric metric) =>
        $"| `{metric.Name}` | `{metric.Unit}` | {KindOf(metric)} | {(metric.IsInteger ? "yes" : "no")} | {AttributesOf(metric)} | {definition.Name} | `{metric.Source}` | {metric.Description} |";

    private static string KindOf(Metric metric) => metric.Kind switch
    {
        MetricKind.Gauge => "gauge",
        MetricKind.Counter => "counter",
        MetricKind.UpDown => "up-down",
        _ => throw new InvalidOperationException($"{metric.Name} is of a kind without a word for it."),
    };

    private static string AttributesOf(Metric metric) => string.Join(", ", metric.SubjectKeys.Concat(metric.AttributeKeys).Select(key => $"`{key}`"));
}
