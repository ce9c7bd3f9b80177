using System.Globalization;
using System.Text.Json.Nodes;
using Hostwire.Collectors;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.EndToEnd.Agent;

/// <summary>
/// What an agent costs the host, beside Debian's node_exporter on the same host in the same minute: our agent does everything it does (collect, encode, write to the
/// spool, send to a real Kafka, delete on its acknowledgement), node_exporter answers scrapes.
/// </summary>
internal static class AgentBench
{
    private const int WarmUpScrapes = 5;

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(BenchArguments arguments, TextWriter output, TextWriter progress, CancellationToken cancellationToken)
    {
        int scrapes = arguments.Number("scrapes", 60);
        string intervals = arguments.Word("intervals", "one", "one", "shipped");
        arguments.End();
        Machine machine = await Machine.ReadAsync();
        using var hostwire = new PublishedBinary();
        await using var proxy = new FaultProxy();
        int listener = FreePort.Next();
        proxy.Target = listener;
        await using KafkaBroker kafka = KafkaBroker.CreateOwn(proxied: [new ProxiedListener("AGENT", listener, proxy.Port)]);
        string topic = await kafka.CreateTopicAsync(partitions: 1, cancellationToken: cancellationToken);
        await using Exporter exporter = await Exporter.StartAsync(cancellationToken);
        using var directory = new TestDirectory("agent");
        int port = FreePort.Next();
        string settings = await directory.WriteAsync("hostwire.toml", $"""
            [kafka]
            bootstrap_servers = "127.0.0.1:{proxy.Port}"
            security = "plaintext"
            topic = "{topic}"

            {(intervals is "one" ? "[agent]\ninterval_seconds = 1" : string.Join('\n', CollectorCatalogue.All.Select(ShippedTenTimesAsOften)))}

            [metrics]
            agent_listen = "127.0.0.1:{port}"

            """);
        await progress.WriteLineAsync("Starts ...");
        var page = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/metrics"));
        StartUp startUp = await StartUp.MeasureAsync(hostwire, settings, page, cancellationToken);
        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", settings]);
        using var client = new HttpClient();
        string versions = $"{(await hostwire.RunAsync(["--version"], cancellationToken: cancellationToken)).StandardOutput.Trim()}, {await Exporter.VersionAsync()}, {await Machine.KafkaVersionAsync()}";
        await output.WriteLineAsync($"{machine}\n{versions}");
        await progress.WriteLineAsync($"{WarmUpScrapes + scrapes} scrapes of each, one a second ...");
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (int scrape = 0; scrape < WarmUpScrapes; scrape++)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            await exporter.ScrapeAsync(cancellationToken);
        }

        Reading before = await ReadAsync();
        for (int scrape = 0; scrape < scrapes; scrape++)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            await exporter.ScrapeAsync(cancellationToken);
        }

        Reading after = await ReadAsync();
        double taken = after.Scrapes - before.Scrapes;
        if (taken < scrapes * 0.9 || after.Acknowledged - before.Acknowledged < taken * 0.9)
        {
            throw new BenchFailedException($"the agent has taken {taken} scrapes of {scrapes}, and {after.Acknowledged - before.Acknowledged} records were acknowledged:\n{agent.Describe()}");
        }

        var ours = new Usage(
            (after.AgentCpu - before.AgentCpu) * 1000 / taken,
            ProcessFigures.ResidentMebibytes(agent.Id),
            ProcessFigures.PeakMebibytes(agent.Id),
            (after.Points - before.Points) / taken,
            (after.AgentBytes - before.AgentBytes) / taken);
        var theirs = new Usage(
            (after.ExporterCpu - before.ExporterCpu) * 1000 / scrapes,
            ProcessFigures.ResidentMebibytes(exporter.ProcessId),
            ProcessFigures.PeakMebibytes(exporter.ProcessId),
            exporter.Values,
            (double)(after.ExporterBytes - before.ExporterBytes) / scrapes);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""

            {scrapes} scrapes, one a second{(intervals is "one" ? "" : "; our collectors ten times as often as they are shipped, so each second, every third or sixth")}; CPU of all that the process does meanwhile

            |                      | CPU a scrape | resident | peak     | values | bytes on the wire |
            |----------------------|-------------:|---------:|---------:|-------:|------------------:|
            | hostwire agent       | {ours.CpuMilliseconds,9:0.00} ms | {ours.ResidentMebibytes,5:0.0} MiB | {ours.PeakMebibytes,4:0.0} MiB | {ours.Values,6:0} | {ours.Bytes,17:0} |
            | node_exporter        | {theirs.CpuMilliseconds,9:0.00} ms | {theirs.ResidentMebibytes,5:0.0} MiB | {theirs.PeakMebibytes,4:0.0} MiB | {theirs.Values,6:0} | {theirs.Bytes,17:0} |
            | ratio                | {ours.CpuMilliseconds / theirs.CpuMilliseconds,12:0.00} | {ours.ResidentMebibytes / theirs.ResidentMebibytes,8:0.00} | {ours.PeakMebibytes / theirs.PeakMebibytes,8:0.00} | {ours.Values / theirs.Values,6:0.00} | {ours.Bytes / theirs.Bytes,17:0.00} |

            hostwire --help from a shell, start to end: {startUp.Help:0.0} ms (/bin/true: {startUp.Nothing:0.0} ms); from exec of an agent to its first record acknowledged: {startUp.FirstRecord:0} ms (medians)
            """));
        var json = new JsonObject
        {
            ["bench"] = "agent",
            ["machine"] = machine.ToJson(),
            ["commit"] = machine.Commit,
            ["date"] = machine.Date,
            ["versions"] = versions,
            ["scrapes"] = scrapes,
            ["intervals"] = intervals,
            ["agent"] = ToJson(ours),
            ["node_exporter"] = ToJson(theirs),
            ["help_milliseconds"] = Math.Round(startUp.Help, 1),
            ["nothing_milliseconds"] = Math.Round(startUp.Nothing, 1),
            ["first_record_milliseconds"] = Math.Round(startUp.FirstRecord),
            ["cpu_ratio"] = Math.Round(ours.CpuMilliseconds / theirs.CpuMilliseconds, 3),
            ["resident_ratio"] = Math.Round(ours.ResidentMebibytes / theirs.ResidentMebibytes, 3),
        };
        await output.WriteLineAsync(json.ToJsonString(Machine.Json));
        return 0;

        async Task<Reading> ReadAsync()
        {
            string text = await client.GetStringAsync(page, cancellationToken);
            return new Reading(
                ProcessFigures.CpuSeconds(agent.Id),
                ProcessFigures.CpuSeconds(exporter.ProcessId),
                MetricsPage.Sum(text, "hostwire_agent_scrapes_total"),
                MetricsPage.Sum(text, "hostwire_agent_points_total"),
                MetricsPage.Sum(text, "hostwire_agent_records_acknowledged_total"),
                proxy.BytesDelivered,
                exporter.Bytes);
        }
    }

    private static string ShippedTenTimesAsOften(CollectorDefinition collector) =>
        string.Create(CultureInfo.InvariantCulture, $"[agent.collectors.{collector.Name}]\ninterval_seconds = {collector.IntervalSeconds / 10}");

    private static JsonObject ToJson(Usage usage) => new()
    {
        ["cpu_milliseconds_per_scrape"] = Math.Round(usage.CpuMilliseconds, 3),
        ["resident_mebibytes"] = Math.Round(usage.ResidentMebibytes, 1),
        ["peak_mebibytes"] = Math.Round(usage.PeakMebibytes, 1),
        ["values_per_scrape"] = Math.Round(usage.Values, 1),
        ["bytes_on_the_wire_per_scrape"] = Math.Round(usage.Bytes),
    };

    private sealed record Reading(double AgentCpu, double ExporterCpu, double Scrapes, double Points, double Acknowledged, long AgentBytes, long ExporterBytes);
}
