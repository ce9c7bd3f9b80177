using System.Globalization;
using System.Text.Json.Nodes;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.EndToEnd.Query;

/// <summary>
/// What people ask of our views, beside the same question asked of a narrow table of the same points in the same database: in turn, several times, medians.
/// The answers are compared.
/// </summary>
internal static class QueryBench
{
    private const int Partitions = 4;
    private const int RoundsMin = 3;
    private static readonly TimeSpan RoundsTake = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LoadMax = TimeSpan.FromHours(1);

    private static readonly Dictionary<string, string> ForReading = new(StringComparer.Ordinal)
    {
        ["shared_buffers"] = "2GB",
        ["effective_cache_size"] = "8GB",
        ["work_mem"] = "64MB",
        ["maintenance_work_mem"] = "1GB",
        ["max_wal_size"] = "8GB",
        ["wal_level"] = "minimal",
        ["max_wal_senders"] = "0",
        // Else the CPU time of a connection's process is not all that a question costs.
        ["max_parallel_workers_per_gather"] = "0",
    };

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(BenchArguments arguments, TextWriter output, TextWriter progress, CancellationToken cancellationToken)
    {
        int dayHosts = arguments.Number("day-hosts", 100);
        int hourHosts = arguments.Number("hour-hosts", 1000);
        int dayHours = arguments.Number("day-hours", 24);
        int rounds = arguments.Number("rounds", 15);
        arguments.End();
        Machine machine = await Machine.ReadAsync();
        await using PostgresServer postgres = PostgresServer.CreateOwn(ForReading);
        await using KafkaBroker kafka = KafkaBroker.CreateOwn();
        using var hostwire = new PublishedBinary();
        await postgres.EnsureStartedAsync(cancellationToken);
        await kafka.EnsureStartedAsync(cancellationToken);
        string versions = await Versions.ReadAsync(postgres, hostwire, cancellationToken);
        await output.WriteLineAsync($"{machine}\n{versions}\n{ServerSettings.Describe(ForReading)}");
        await using TestDatabase database = await postgres.CreateDatabaseAsync(cancellationToken);
        await progress.WriteLineAsync($"{dayHosts} hosts for {dayHours} hours and {hourHosts} for one go through Kafka and a sink ...");
        long points = await LoadAsync(kafka, database, hostwire, [Fleet("day", dayHosts, dayHours), Fleet("hour", hourHosts, 1)], cancellationToken);
        await progress.WriteLineAsync("the same points go into a narrow table ...");
        long bytes = await NarrowTable.FillAsync(database, points, cancellationToken);
        await VacuumAsync(database, cancellationToken);
        long frameBytes = await database.AdminScalarAsync<long>("select sum(pg_total_relation_size(inhrelid))::bigint from pg_inherits where inhparent = 'hostwire.frame'::regclass", cancellationToken);
        DateTime end = await database.ScalarAsync<DateTime>("select max(time) from hostwire.freshness", cancellationToken);
        var results = new JsonObject();
        await using NpgsqlConnection connection = await database.Reader.OpenConnectionAsync(cancellationToken);
        string table = "";
        foreach (Question question in Questions.Make("day-vm-00007", "hour-vm-00007", Enumerable.Range(0, 50).Select(number => $"hour-vm-{number * hourHosts / 50:d5}"), new DateTimeOffset(end, TimeSpan.Zero)))
        {
            await progress.WriteLineAsync($"  {question.Name} ...");
            Cost[] costs = await AskAsync(connection, question, rounds, cancellationToken);
            (Cost ours, Cost key, Cost covering) = (costs[0], costs[1], costs[2]);
            results[question.Key] = new JsonObject { ["rows"] = ours.Rows, ["ours"] = ours.ToJson(), ["narrow"] = key.ToJson(), ["narrow_covering"] = covering.ToJson() };
            table += string.Create(
                CultureInfo.InvariantCulture,
                $"| {question.Name,-40} | {ours.Rows,6} | {ours.Elapsed,7:0.0} | {key.Elapsed,7:0.0} | {covering.Elapsed,7:0.0} | {ours.Cpu,7:0.0} | {key.Cpu,7:0.0} | {covering.Cpu,7:0.0} | {ours.Cpu / key.Cpu,5:0.00} | {ours.Cpu / covering.Cpu,5:0.00} |\n");
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""

            {points:n0} points; frames {frameBytes / (double)points:0.0} bytes a point, narrow table {bytes / (double)points:0.0}, with indexes; medians of up to {rounds}, in milliseconds
            (a) narrow table through its key (series_id, time); (b) the same, and the values are taken from the key, which includes them

            |                                          |        | elapsed                     | CPU of the server           | CPU, ours to  |
            | question                                 |   rows |    ours |     (a) |     (b) |    ours |     (a) |     (b) |   (a) |   (b) |
            |------------------------------------------|-------:|--------:|--------:|--------:|--------:|--------:|--------:|------:|------:|
            {table}
            """));
        await output.WriteLineAsync(new JsonObject
        {
            ["bench"] = "query",
            ["machine"] = machine.ToJson(),
            ["commit"] = machine.Commit,
            ["date"] = machine.Date,
            ["versions"] = versions,
            ["day_hosts"] = dayHosts,
            ["day_hours"] = dayHours,
            ["hour_hosts"] = hourHosts,
            ["points"] = points,
            ["frames_bytes_per_point"] = Math.Round(frameBytes / (double)points, 2),
            ["narrow_bytes_per_point"] = Math.Round(bytes / (double)points, 2),
            ["rounds"] = rounds,
            ["questions"] = results,
        }.ToJsonString(Machine.Json));
        return 0;
    }

    private static string[] Fleet(string prefix, int hosts, int hours) => string.Create(
        CultureInfo.InvariantCulture, $"--prefix {prefix} --shapes vm --hosts {hosts} --duration {hours}h --fast").Split(' ');

    private static async Task<long> LoadAsync(KafkaBroker kafka, TestDatabase database, PublishedBinary hostwire, string[][] fleets, CancellationToken cancellationToken)
    {
        using var directory = new TestDirectory("query");
        string topic = await kafka.CreateTopicAsync(Partitions, new(StringComparer.Ordinal) { ["message.timestamp.type"] = "LogAppendTime" }, cancellationToken);
        string settings = await SinkSetup.WriteAsync(directory, kafka, topic, database);
        await using ChildProcess sink = await SinkSetup.StartAsync(hostwire, settings, FreePort.Next());
        long records = 0;
        long points = 0;
        foreach (string[] fleet in fleets)
        {
            (long sent, long ofThem) = await SimulatedFleet.SendAsync(hostwire, settings, fleet, cancellationToken);
            (records, points) = (records + sent, points + ofThem);
        }

        long start = TimeProvider.System.GetTimestamp();
        while (await database.AdminScalarAsync<long>("select coalesce(sum(next_offset), 0)::bigint from hostwire.kafka_offset", cancellationToken) < records)
        {
            if (sink.HasExited || TimeProvider.System.GetElapsedTime(start) > LoadMax)
            {
                throw new BenchFailedException($"the sink does not store everything:\n{sink.Describe()}");
            }

            await Task.Delay(LookEvery, cancellationToken);
        }

        await SinkSetup.StopAsync(sink, cancellationToken);
        return points;
    }

    // What autovacuum does where it has the time, and a sink every hour; the narrow table is treated so too.
    private static async Task VacuumAsync(TestDatabase database, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, "select hostwire.analyze_frames()", cancellationToken);
        foreach (string table in await TablesAsync(connection, cancellationToken))
        {
            await ExecuteAsync(connection, $"vacuum analyze {table}", cancellationToken);
        }
    }

    // Autovacuum leaves alone what is empty, and what has changed less than it is told to look at.
    private static async Task<List<string>> TablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select format('hostwire.%I', c.relname) from pg_class c join pg_stat_all_tables s on s.relid = c.oid
            where c.relnamespace = 'hostwire'::regnamespace and c.relkind = 'r'
              and s.n_live_tup > coalesce((select option_value::bigint from pg_options_to_table(c.reloptions) where option_name = 'autovacuum_analyze_threshold'), 50)
            """,
            connection);
        var tables = new List<string>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add(reader.GetString(0));
        }

        return tables;
    }

    /// <summary>Asks ours, the narrow table through its key, and through what the key includes, in turn.</summary>
    private static async Task<Cost[]> AskAsync(NpgsqlConnection connection, Question question, int rounds, CancellationToken cancellationToken)
    {
        Answer ours = await Answer.ReadAsync(connection, question.Ours, cancellationToken);
        Answer narrow = await Answer.ReadAsync(connection, question.Narrow, cancellationToken);
        if (ours.Rows == 0 || ours.DifferenceTo(narrow) is not null)
        {
            throw new BenchFailedException($"{question.Name}: ours and the narrow table's answer differ: {ours.DifferenceTo(narrow) ?? "no rows"}");
        }

        var times = new List<(double Elapsed, double Cpu)>[] { [], [], [] };
        long start = TimeProvider.System.GetTimestamp();
        for (int round = 0; round < rounds && (round < RoundsMin || TimeProvider.System.GetElapsedTime(start) < RoundsTake); round++)
        {
            times[0].Add(await Answer.TimeAsync(connection, question.Ours, cancellationToken));
            times[2].Add(await Answer.TimeAsync(connection, question.Narrow, cancellationToken));
            if (!question.AsksForValues)
            {
                times[1].Add(times[2][^1]);
                continue;
            }

            await ExecuteAsync(connection, "set enable_indexonlyscan = off", cancellationToken);
            times[1].Add(await Answer.TimeAsync(connection, question.Narrow, cancellationToken));
            await ExecuteAsync(connection, "reset enable_indexonlyscan", cancellationToken);
        }

        return [.. times.Select(one => new Cost(ours.Rows, Sample.Median(one.Select(time => time.Elapsed)), Sample.Median(one.Select(time => time.Cpu))))];
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What an answer takes, in milliseconds.</summary>
    private sealed record Cost(int Rows, double Elapsed, double Cpu)
    {
        public JsonObject ToJson() => new() { ["milliseconds"] = Math.Round(Elapsed, 2), ["cpu_milliseconds"] = Math.Round(Cpu, 2) };
    }
}
