using System.Globalization;
using System.Text.Json.Nodes;
using Hostwire.EndToEnd.Drain;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.EndToEnd.Scale;

/// <summary>One, two and four sinks of a group drain the same topic, each time into a fresh database: what more of them gain, and who works meanwhile.</summary>
internal static class ScaleBench
{
    private static readonly int[] Sinks = [1, 2, 4];

    // So that sinks that start together get their partitions together: measured is how they work, not how they come.
    private static readonly Dictionary<string, string> BrokerSettings = new(StringComparer.Ordinal) { ["group.initial.rebalance.delay.ms"] = "5000" };

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(BenchArguments arguments, TextWriter output, TextWriter progress, CancellationToken cancellationToken)
    {
        int points = arguments.Number("points", 20_000_000);
        int rounds = arguments.Number("rounds", 3);
        int hosts = arguments.Number("hosts", 1000);
        int partitions = arguments.Number("partitions", 8);
        arguments.End();
        Machine machine = await Machine.ReadAsync();
        await using PostgresServer postgres = PostgresServer.CreateOwn(ServerSettings.Durable);
        await using KafkaBroker kafka = KafkaBroker.CreateOwn(BrokerSettings);
        using var hostwire = new PublishedBinary();
        await postgres.EnsureStartedAsync(cancellationToken);
        await kafka.EnsureStartedAsync(cancellationToken);
        string versions = await Versions.ReadAsync(postgres, hostwire, cancellationToken);
        await output.WriteLineAsync($"{machine}\n{versions}\n{ServerSettings.Describe(ServerSettings.Durable)}");
        string topic = await kafka.CreateTopicAsync(partitions, new(StringComparer.Ordinal) { ["message.timestamp.type"] = "LogAppendTime" }, cancellationToken);
        DateTimeOffset start = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddHours(-18);
        using var feed = new TopicFeed(kafka.BootstrapServers, topic, new AgentShape(hosts, start), hosts, start);
        await progress.WriteLineAsync("making the records ...");
        await Task.Run(() => feed.Send(points, cancellationToken), cancellationToken);
        Dictionary<int, List<ScaleRun>> runs = Sinks.ToDictionary(count => count, _ => new List<ScaleRun>());
        for (int round = 1; round <= rounds; round++)
        {
            foreach (int count in Sinks)
            {
                runs[count].Add(await MeasureAsync(kafka, postgres, hostwire, topic, feed, count, cancellationToken));
                await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  round {round}, {count}: {runs[count][^1]}"));
            }
        }

        string table = "";
        var results = new JsonArray();
        double one = Median(1, run => run.Seconds);
        foreach (int count in Sinks)
        {
            double seconds = Median(count, run => run.Seconds);
            double sinks = Median(count, run => run.SinkCpu);
            double server = Median(count, run => run.ServerCpu);
            table += string.Create(CultureInfo.InvariantCulture, $"| {count,5} | {feed.Points / seconds,10:0} | {one / seconds,10:0.00} | {sinks,12:0.0} | {server,18:0.0} | {(sinks + server) / seconds,5:0.00} |\n");
            results.Add(new JsonObject
            {
                ["sinks"] = count,
                ["points_per_second"] = Math.Round(feed.Points / seconds),
                ["to_one"] = Math.Round(one / seconds, 3),
                ["sink_cpu_seconds"] = Math.Round(sinks, 2),
                ["postgres_cpu_seconds"] = Math.Round(server, 2),
            });
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""

            {feed.Points:n0} points in {feed.Records:n0} records of {hosts:n0} hosts, {partitions} partitions; medians of {rounds}; broker and PostgreSQL share the machine's {machine.Cpus} CPUs with the sinks

            | sinks |   points/s | to one (x) | sinks' CPU s | PostgreSQL's CPU s | cores |
            |------:|-----------:|-----------:|-------------:|-------------------:|------:|
            {table}
            """));
        await output.WriteLineAsync(new JsonObject
        {
            ["bench"] = "scale",
            ["machine"] = machine.ToJson(),
            ["commit"] = machine.Commit,
            ["date"] = machine.Date,
            ["versions"] = versions,
            ["points"] = feed.Points,
            ["partitions"] = partitions,
            ["rounds"] = rounds,
            ["results"] = results,
        }.ToJsonString(Machine.Json));
        return 0;

        double Median(int count, Func<ScaleRun, double> figure) => Sample.Median(runs[count].Select(figure));
    }

    private static async Task<ScaleRun> MeasureAsync(
        KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire, string topic, TopicFeed feed, int count, CancellationToken cancellationToken)
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(cancellationToken);
        await database.ExecuteAsync("checkpoint", cancellationToken);
        using var directory = new TestDirectory("scale");
        string settings = await SinkSetup.WriteAsync(directory, kafka, topic, database);
        await using NpgsqlConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        var sinks = new List<ChildProcess>();
        try
        {
            for (int number = 0; number < count; number++)
            {
                sinks.Add(await SinkSetup.StartAsync(hostwire, settings, FreePort.Next()));
            }

            long start = await StoredOffsets.WaitAsync(connection, "select count(*) from hostwire.kafka_offset", 1, sinks, cancellationToken);
            double sinksBefore = sinks.Sum(sink => ProcessFigures.CpuSeconds(sink.Id));
            double serverBefore = ProcessFigures.ChildrenCpuSeconds(postgres.ProcessId);
            await StoredOffsets.WaitAsync(connection, "select coalesce(sum(next_offset), 0)::bigint from hostwire.kafka_offset", feed.Records, sinks, cancellationToken);
            double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            double sinksCpu = sinks.Sum(sink => ProcessFigures.CpuSeconds(sink.Id)) - sinksBefore;
            double serverCpu = ProcessFigures.ChildrenCpuSeconds(postgres.ProcessId) - serverBefore;
            long owners = await database.AdminScalarAsync<long>("select count(distinct owner) from hostwire.kafka_offset", cancellationToken);
            long stored = await database.AdminScalarAsync<long>("select sum(cardinality(values))::bigint from hostwire.frame", cancellationToken);
            foreach (ChildProcess sink in sinks)
            {
                await SinkSetup.StopAsync(sink, cancellationToken);
            }

            return owners == count && stored == feed.Points
                ? new ScaleRun(seconds, sinksCpu, serverCpu)
                : throw new BenchFailedException($"{owners} of {count} sinks had partitions; {stored} points are stored of {feed.Points}");
        }
        finally
        {
            foreach (ChildProcess sink in sinks)
            {
                await sink.DisposeAsync();
            }
        }
    }
}
