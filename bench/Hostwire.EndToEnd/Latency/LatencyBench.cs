using System.Globalization;
using System.Text.Json.Nodes;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.EndToEnd.Latency;

/// <summary>How old a sample is when a <c>SELECT</c> first sees it: a simulated fleet sends through a real Kafka, a sink stores, and snapshots of the database are taken all the time.</summary>
internal static class LatencyBench
{
    private const int IntervalSeconds = 10;
    private const int LookMilliseconds = 2;
    private static readonly TimeSpan RestMax = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, string> CommitTimes = new(ServerSettings.Durable, StringComparer.Ordinal) { ["track_commit_timestamp"] = "on" };

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(BenchArguments arguments, TextWriter output, TextWriter progress, CancellationToken cancellationToken)
    {
        int hosts = arguments.Number("hosts", 1000);
        int partitions = arguments.Number("partitions", 4);
        int warmUp = arguments.Number("warm-up-seconds", 30);
        int seconds = arguments.Number("seconds", 120);
        int wait = arguments.Number("batch-max-milliseconds", 100);
        arguments.End();
        Machine machine = await Machine.ReadAsync();
        await using PostgresServer postgres = PostgresServer.CreateOwn(CommitTimes);
        await using KafkaBroker kafka = KafkaBroker.CreateOwn();
        using var hostwire = new PublishedBinary();
        await postgres.EnsureStartedAsync(cancellationToken);
        await kafka.EnsureStartedAsync(cancellationToken);
        string versions = await Versions.ReadAsync(postgres, hostwire, cancellationToken);
        await output.WriteLineAsync($"{machine}\n{versions}\n{ServerSettings.Describe(CommitTimes)}; sink.batch_max_milliseconds={wait}");
        await using TestDatabase database = await postgres.CreateDatabaseAsync(cancellationToken);
        using var directory = new TestDirectory("latency");
        string topic = await kafka.CreateTopicAsync(partitions, new(StringComparer.Ordinal) { ["message.timestamp.type"] = "LogAppendTime" }, cancellationToken);
        string settings = await SinkSetup.WriteAsync(directory, kafka, topic, database, string.Create(CultureInfo.InvariantCulture, $"batch_max_milliseconds = {wait}"));
        await using ChildProcess sink = await SinkSetup.StartAsync(hostwire, settings, FreePort.Next());
        await Eventually.TrueAsync(
            async () => await database.AdminScalarAsync<long>("select count(*) from hostwire.kafka_offset", cancellationToken) == partitions, "the sink to claim all partitions", cancellationToken, sink);

        await progress.WriteLineAsync($"{hosts} hosts send for {warmUp} s and then for the {seconds} s that count ...");
        var log = new SnapshotLog();
        using var looking = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task looks = log.FollowAsync(database.Reader, TimeSpan.FromMilliseconds(LookMilliseconds), looking.Token);
        DateTimeOffset from = TimeProvider.System.GetUtcNow().AddSeconds(warmUp);
        double cpuBefore = ProcessFigures.CpuSeconds(sink.Id);
        (long records, long points) = await SimulatedFleet.SendAsync(
            hostwire, settings, ["--hosts", Text(hosts), "--interval", Text(IntervalSeconds), "--reboot-every", "forever", "--duration", $"{Text(warmUp + seconds + IntervalSeconds)}s"], cancellationToken);
        await WaitAsync(database, sink, records, cancellationToken);
        double cpu = ProcessFigures.CpuSeconds(sink.Id) - cpuBefore;
        await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        await looking.CancelAsync();
        await looks;
        await SinkSetup.StopAsync(sink, cancellationToken);
        string load = (await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Split(' ')[0];

        List<StoredFrame> frames = await ReadAsync(database, from, from.AddSeconds(seconds), cancellationToken);
        Dictionary<ulong, DateTimeOffset> seen = log.FirstSeen(frames.Select(frame => frame.Transaction));
        long storedPoints = await database.AdminScalarAsync<long>("select sum(cardinality(values))::bigint from hostwire.frame", cancellationToken);
        if (storedPoints != points || frames.Count < (long)hosts * seconds / IntervalSeconds)
        {
            throw new BenchFailedException($"{storedPoints} points are stored of {points}; {frames.Count} frames in {seconds} s");
        }

        var visible = Delays.Of(frames.Select(frame => seen[frame.Transaction] - frame.Time));
        var committed = Delays.Of(frames.Select(frame => frame.Committed - frame.Time));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""

            {frames.Count:n0} frames of {hosts:n0} hosts at {IntervalSeconds} s in {seconds} s, {seen.Count:n0} transactions, {partitions} partitions; load after the run {load}; sink {cpu / (warmUp + seconds + IntervalSeconds) * 100:0.0} % of a core

            | from a frame's time until             |   p50 |   p90 |   p99 |   max | ms
            |---------------------------------------|------:|------:|------:|------:|
            | a SELECT sees it                      | {visible.Half,5:0} | {visible.P90,5:0} | {visible.P99,5:0} | {visible.Max,5:0} |
            | its commit (track_commit_timestamp)   | {committed.Half,5:0} | {committed.P90,5:0} | {committed.P99,5:0} | {committed.Max,5:0} |
            | (between two looks, {LookMilliseconds} ms asked for) | {log.Gaps.Half,5:0} | {log.Gaps.P90,5:0} | {log.Gaps.P99,5:0} | {log.Gaps.Max,5:0} |

            """));
        await output.WriteLineAsync(new JsonObject
        {
            ["bench"] = "latency",
            ["machine"] = machine.ToJson(),
            ["commit"] = machine.Commit,
            ["date"] = machine.Date,
            ["versions"] = versions,
            ["load_after"] = double.Parse(load, CultureInfo.InvariantCulture),
            ["hosts"] = hosts,
            ["partitions"] = partitions,
            ["seconds"] = seconds,
            ["batch_max_milliseconds"] = wait,
            ["frames"] = frames.Count,
            ["transactions"] = seen.Count,
            ["look_milliseconds"] = LookMilliseconds,
            ["sink_cores"] = Math.Round(cpu / (warmUp + seconds + IntervalSeconds), 4),
            ["visible_milliseconds"] = visible.ToJson(),
            ["committed_milliseconds"] = committed.ToJson(),
            ["between_looks_milliseconds"] = log.Gaps.ToJson(),
        }.ToJsonString(Machine.Json));
        return 0;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task WaitAsync(TestDatabase database, ChildProcess sink, long records, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (await database.AdminScalarAsync<long>("select sum(next_offset)::bigint from hostwire.kafka_offset", cancellationToken) != records)
        {
            if (sink.HasExited || TimeProvider.System.GetElapsedTime(start) > RestMax)
            {
                throw new BenchFailedException($"the sink does not store everything:\n{sink.Describe()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }

    private static async Task<List<StoredFrame>> ReadAsync(TestDatabase database, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        // The cluster is new, so a transaction's number has not wrapped around yet and is the one that snapshots name.
        await using NpgsqlCommand command = database.DataSource.CreateCommand(
            "select time, xmin::text::bigint, pg_xact_commit_timestamp(xmin) from hostwire.frame where time >= $1 and time < $2");
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = until.UtcDateTime });
        var frames = new List<StoredFrame>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            frames.Add(new StoredFrame(reader.GetFieldValue<DateTimeOffset>(0), (ulong)reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }

        return frames;
    }

    /// <summary>A frame in the database.</summary>
    /// <param name="Time">Its time.</param>
    /// <param name="Transaction">Which transaction stored it.</param>
    /// <param name="Committed">When that committed, by the database's clock.</param>
    private readonly record struct StoredFrame(DateTimeOffset Time, ulong Transaction, DateTimeOffset Committed);
}
