using System.Globalization;
using System.Text.Json;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>From <c>/proc</c> to the table with the published binary: what <c>--print</c> shows is what the database holds.</summary>
/// <remarks>The agent reads a host whose files stand still, so that every scrape has the same values; only the real file systems under it, and the clock, move.</remarks>
public sealed class AgentToTableTests(KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire) : IDisposable
{
    private const string Host = "small-vm";
    private static readonly string[] Moving = ["system.filesystem.", "hostwire.clock."];

    private readonly TestDirectory _files = new("agent-to-table");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_scrape_sent_is_in_the_table_as_print_shows_it()
    {
        string topic = await kafka.CreateTopicAsync(partitions: 3, cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        string config = await _files.WriteAsync("hostwire.toml", SinkSettings.Text(kafka, topic, database, AgentSettings()));
        RunResult print = await hostwire.RunAsync(["agent", "--once", "--print", "json", "--config", config], cancellationToken: Cancellation);
        Assert.True(print.ExitCode == 0, print.StandardError);
        List<MetricPoint> printed = Printed(print.StandardOutput);

        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config]);
        RunResult once = await hostwire.RunAsync(["agent", "--once", "--config", config], cancellationToken: Cancellation);
        Assert.True(once.ExitCode == 0, once.StandardError);
        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", config]);
        await Eventually.TrueAsync(
            async () => (await kafka.Client.EndOffsetsAsync(topic, Cancellation)).Sum() >= 4, "the agent to send three scrapes", Cancellation, agent, sink);
        await SinkSettings.StopAsync(agent, Cancellation);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        await SinkSettings.StopAsync(sink, Cancellation);

        List<MetricPoint> stored = await StoredPoints.ReadAsync(database, Cancellation);
        Assert.Equal((await kafka.Client.EndOffsetsAsync(topic, Cancellation)).Sum(), stored.Select(point => point.TimeMicros).Distinct().Count());
        Assert.All(stored.GroupBy(point => point.TimeMicros), scrape => StoredPoints.AssertSame(printed, [.. scrape.Select(Still)]));
        Assert.Equal("small-vm small-vm-id", await database.ScalarAsync<string>(
            "SELECT string_agg(name || ' ' || (attributes ->> 'host.id'), ', ') FROM hostwire.host", Cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private static string AgentSettings()
    {
        string host = Path.Combine(AppContext.BaseDirectory, "fixtures", "hosts", Host);
        return $"""

            [agent]
            host_name = "{Host}"
            host_id = "{Host}-id"
            interval_seconds = 1
            procfs = "{host}/proc"
            sysfs = "{host}/sys"
            rootfs = "{host}/root"
            # What the agent says of itself is no reading of the host, and --once does not print it.
            collectors.agent.enabled = false
            """;
    }

    private static List<MetricPoint> Printed(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("points").EnumerateArray().Select(point => Still(new MetricPoint(
            Host,
            point.GetProperty("metric").GetString()!,
            point.GetProperty("unit").GetString()!,
            point.GetProperty("kind").GetString()!,
            MetricPoint.Canonical(point.GetProperty("attributes").EnumerateObject().Select(attribute => (attribute.Name, attribute.Value))),
            TimeMicros: 0,
            BitConverter.DoubleToInt64Bits(double.Parse(point.GetProperty("value").GetRawText(), CultureInfo.InvariantCulture)))))];
    }

    // Without what differs from scrape to scrape.
    private static MetricPoint Still(MetricPoint point) => point with
    {
        TimeMicros = 0,
        ValueBits = Moving.Any(prefix => point.Metric.StartsWith(prefix, StringComparison.Ordinal)) ? 0 : point.ValueBits,
    };
}
