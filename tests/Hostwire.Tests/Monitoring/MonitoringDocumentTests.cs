using System.Text;
using Hostwire.Agent;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Metrics;
using Hostwire.Monitoring;
using Hostwire.Sink;
using Hostwire.Tests.Configuration;

namespace Hostwire.Tests.Monitoring;

/// <summary><c>docs/monitoring.md</c> says of our own metrics what the code says. With <c>HOSTWIRE_TEST_UPDATE_DOCS=1</c> its tables are written anew.</summary>
public sealed class MonitoringDocumentTests
{
    private const string Head = "| in `/metrics` | by OTLP | unit | kind | labels | meaning |\n|---|---|---|---|---|---|\n";

    [Fact]
    public void Metrics_of_the_sink_are_documented() =>
        Compare("sink", Rows(SinkMetrics.All), Rows([SinkMetrics.CertificateExpiry]), [Row(SinkMetrics.BatchDuration), Row(SinkMetrics.BatchRecords)]);

    [Fact]
    public void Metrics_of_the_agent_are_documented() => Compare("agent", Rows(AgentMetrics.All), Rows([AgentMetrics.CertificateExpiry]), [Row(AgentMetrics.AcknowledgementDuration)]);

    [Fact]
    public void Metrics_of_both_are_documented() => Compare("both", Rows(HealthMetrics.All), Rows(ProcessMetrics.All));

    [Fact]
    public void Pages_of_agent_and_sink_show_every_metric_that_is_documented_and_no_other()
    {
        var agent = new AgentCounters();
        agent.Collector("cpu").Set(TimeSpan.FromSeconds(1), worked: true);
        var sink = new SinkCounters(TimeProvider.System);
        sink.SetLags([new PartitionLag("0", 1, 2)]);
        sink.CountBatch(default);
        string[] shown = [.. Shown(agent.Publish, AgentMetrics.CertificateExpiry).Concat(Shown(sink.Publish, SinkMetrics.CertificateExpiry)).Distinct(StringComparer.Ordinal)];
        string[] documented = [.. File.ReadLines(Repository.PathOf("docs/monitoring.md"))
            .Where(line => line.StartsWith("| `hostwire_", StringComparison.Ordinal) || line.StartsWith("| `process_", StringComparison.Ordinal) || line.StartsWith("| `dotnet_", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1])];
        Assert.Equal(documented.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    private static string[] Shown(Action<SelfMeter> publish, SelfMetric<CertificateWatch> expiry)
    {
        using var folder = new TemporaryFolder();
        var certificates = new CertificateWatch(new FakeLogger(), TimeProvider.System);
        certificates.Load([new("kafka.ca_file", CertificateWatchTests.Write(folder, "ca.pem", TimeProvider.System.GetUtcNow().AddDays(100)))]);
        using var meter = new SelfMeter($"test.{Guid.NewGuid():n}");
        publish(meter);
        meter.Observe([expiry], certificates);
        meter.Observe(HealthMetrics.All, new ServiceState(TimeProvider.System));
        meter.Observe(ProcessMetrics.All, new ProcessMetrics(TimeProvider.System));
        using var page = new PrometheusPage(meter.Meter);
        return [.. page.Text().Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];
    }

    private static IEnumerable<string> Rows<T>(IEnumerable<SelfMetric<T>> metrics) => metrics.Select(metric => Row(metric.Metric));

    private static string Row(Metric metric) => Row(
        PrometheusName.Of(metric.Name, metric.Unit, metric.Kind == MetricKind.Counter),
        metric.Name,
        metric.Unit,
        metric.Kind switch { MetricKind.Counter => "counter", MetricKind.UpDown => "up-down", _ => "gauge" },
        string.Join(", ", metric.AttributeKeys.Select(key => $"`{key}`")),
        metric.Description);

    private static string Row(SelfHistogram histogram) =>
        Row(PrometheusName.Of(histogram.Name, histogram.Unit, isCounter: false), histogram.Name, histogram.Unit, "histogram", "", histogram.Description);

    private static string Row(string name, string otlp, string unit, string kind, string labels, string meaning) =>
        $"| `{name}` | `{otlp}` | `{unit}` | {kind} | {labels} | {meaning} |\n";

    private static void Compare(string table, params IEnumerable<string>[] rows)
    {
        string path = Repository.PathOf("docs/monitoring.md");
        string begin = $"<!-- {table}: made from the code; HOSTWIRE_TEST_UPDATE_DOCS=1 ./test --fast writes it anew -->\n";
        string end = $"<!-- end of {table} -->\n";
        string text = File.ReadAllText(path);
        int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        string expected = new StringBuilder(text[..from]).Append(Head).AppendJoin("", rows.SelectMany(part => part)).Append(text[text.IndexOf(end, StringComparison.Ordinal)..]).ToString();
        if (Environment.GetEnvironmentVariable("HOSTWIRE_TEST_UPDATE_DOCS") is "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, File.ReadAllText(path));
    }
}
