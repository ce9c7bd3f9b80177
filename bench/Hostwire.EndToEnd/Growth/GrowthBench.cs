using System.Globalization;
using System.Text.Json.Nodes;
using Hostwire.EndToEnd.Drain;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.EndToEnd.Growth;

/// <summary>Whether a sink slows down as its database grows: the same number of points again and again into one database, each stretch from the first claim to the last commit.</summary>
internal static class GrowthBench
{
    private const int Partitions = 4;

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(BenchArguments arguments, TextWriter output, TextWriter progress, CancellationToken cancellationToken)
    {
        int points = arguments.Number("points", 50_000_000);
        int stretches = arguments.Number("stretches", 10);
        int hosts = arguments.Number("hosts", 1000);
        arguments.End();
        Machine machine = await Machine.ReadAsync();
        await using PostgresServer postgres = PostgresServer.CreateOwn(ServerSettings.Durable);
        await using KafkaBroker kafka = KafkaBroker.CreateOwn();
        using var hostwire = new PublishedBinary();
        await postgres.EnsureStartedAsync(cancellationToken);
        await kafka.EnsureStartedAsync(cancellationToken);
        string versions = await Versions.ReadAsync(postgres, hostwire, cancellationToken);
        await output.WriteLineAsync($"{machine}\n{versions}\n{ServerSettings.Describe(ServerSettings.Durable)}");
        await using TestDatabase database = await postgres.CreateDatabaseAsync(cancellationToken);
        using var directory = new TestDirectory("growth");
        string topic = await kafka.CreateTopicAsync(Partitions, new(StringComparer.Ordinal) { ["message.timestamp.type"] = "LogAppendTime" }, cancellationToken);
        string settings = await SinkSetup.WriteAsync(directory, kafka, topic, database);
        DateTimeOffset start = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(-1);
        using var feed = new TopicFeed(kafka.BootstrapServers, topic, new AgentShape(hosts, start), hosts, start);
        await using NpgsqlConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        var rates = new List<double>();
        var costs = new List<double>();
        for (int stretch = 1; stretch <= stretches; stretch++)
        {
            long before = feed.Points;
            await Task.Run(() => feed.Send(points, cancellationToken), cancellationToken);
            (double seconds, double cpu) = await DrainAsync(hostwire, settings, postgres, database, connection, feed, cancellationToken);
            rates.Add((feed.Points - before) / seconds);
            costs.Add(cpu * 1e6 / (feed.Points - before));
            await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {feed.Points:n0} points stored, the last {feed.Points - before:n0} at {rates[^1]:n0} points/s, {costs[^1]:0.00} s of CPU a million"));
        }

        long stored = await database.AdminScalarAsync<long>("select sum(cardinality(values))::bigint from hostwire.frame", cancellationToken);
        if (stored != feed.Points)
        {
            throw new BenchFailedException($"{stored} points are stored of {feed.Points}");
        }

        double bytes = await Yardsticks.FrameBytesAsync(database, cancellationToken) / (double)stored;
        double early = Sample.Median(rates.Take(3));
        double late = Sample.Median(rates.TakeLast(3));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""

            {stretches} times {points:n0} points of {hosts:n0} hosts: {string.Join(", ", rates.Select(rate => (rate / 1e6).ToString("0.00", CultureInfo.InvariantCulture)))} million points/s
            the last against the first: {rates[^1] / rates[0]:0.00}; median of the last three against that of the first three: {late / early:0.00}; {bytes:0.0} bytes a point
            seconds of CPU of sink and PostgreSQL a million points, which others on the machine disturb less: {string.Join(", ", costs.Select(cost => cost.ToString("0.000", CultureInfo.InvariantCulture)))}; the first against the last {costs[0] / costs[^1]:0.00}

            """));
        await output.WriteLineAsync(new JsonObject
        {
            ["bench"] = "growth",
            ["machine"] = machine.ToJson(),
            ["commit"] = machine.Commit,
            ["date"] = machine.Date,
            ["versions"] = versions,
            ["points"] = points,
            ["stretches"] = stretches,
            ["hosts"] = hosts,
            ["points_per_second"] = new JsonArray([.. rates.Select(rate => JsonValue.Create(Math.Round(rate)))]),
            ["cpu_seconds_per_million_points"] = new JsonArray([.. costs.Select(cost => JsonValue.Create(Math.Round(cost, 4)))]),
            ["first_cpu_to_last"] = Math.Round(costs[0] / costs[^1], 3),
            ["last_to_first"] = Math.Round(rates[^1] / rates[0], 3),
            ["last_three_to_first_three"] = Math.Round(late / early, 3),
            ["bytes_per_point"] = Math.Round(bytes, 2),
        }.ToJsonString(Machine.Json));
        return 0;
    }

    private static async Task<(double Seconds, double Cpu)> DrainAsync(
        PublishedBinary hostwire, string settings, PostgresServer postgres, TestDatabase database, NpgsqlConnection connection, TopicFeed feed, CancellationToken cancellationToken)
    {
        const string Claims = "select coalesce(sum(owner_epoch), 0)::bigint from hostwire.kafka_offset";
        await database.ExecuteAsync("checkpoint", cancellationToken);
        long epochs = await database.AdminScalarAsync<long>(Claims, cancellationToken);
        await using ChildProcess sink = await SinkSetup.StartAsync(hostwire, settings, FreePort.Next());
        long start = await StoredOffsets.WaitAsync(connection, Claims, epochs + 1, [sink], cancellationToken);
        double before = ProcessFigures.CpuSeconds(sink.Id) + ProcessFigures.ChildrenCpuSeconds(postgres.ProcessId);
        await StoredOffsets.WaitAsync(connection, "select coalesce(sum(next_offset), 0)::bigint from hostwire.kafka_offset", feed.Records, [sink], cancellationToken);
        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        double cpu = ProcessFigures.CpuSeconds(sink.Id) + ProcessFigures.ChildrenCpuSeconds(postgres.ProcessId) - before;
        await SinkSetup.StopAsync(sink, cancellationToken);
        return (seconds, cpu);
    }
}
