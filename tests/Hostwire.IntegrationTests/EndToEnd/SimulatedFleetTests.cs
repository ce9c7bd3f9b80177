using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Rig;
using Hostwire.IntegrationTests.Sink;
using Hostwire.Simulation;
using Hostwire.Simulation.Hosts;
using Hostwire.Simulation.Ledger;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>A simulated fleet through real Kafka into real PostgreSQL: the ledger says exactly what the database holds, and notices everything that is made to differ.</summary>
public sealed class SimulatedFleetTests(KafkaBroker broker, PostgresServer postgres)
{
    /// <summary>The statement of docs/simulate.md: what a ledger says, in SQL alone.</summary>
    private const string DigestSql =
        """
        select host, (extract(epoch from time) * 1000000)::bigint as micros, count(*)::integer as points,
          encode(substr(sha256(sha256(string_agg(name, ''::bytea order by name)) || string_agg(float8send(value), ''::bytea order by name)), 1, 16), 'hex') as digest
        from (
          select host, time, value,
            sha256(convert_to(concat_ws(E'\n', metric, unit, kind, coalesce(temporality, ''), scope, attributes::text), 'UTF8')) as name
          from hostwire.metrics) point
        group by host, time
        """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_ledger_equals_the_database_and_whatever_is_changed_there_is_found()
    {
        string topic = await broker.CreateTopicAsync(partitions: 3, cancellationToken: Cancelled);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        using var folder = new TestDirectory("ledger");
        var request = new FleetRequest
        {
            Start = TimeProvider.System.GetUtcNow().AddHours(-1).AddTicks(-(TimeProvider.System.GetUtcNow().Ticks % TimeSpan.TicksPerSecond)),
            Hosts = 20,
            RebootEvery = TimeSpan.FromMinutes(10),
            Processes = 3,
            Veths = 4,
        };
        SimulationReport report = await RunAsync(topic, request, scrapes: 12, folder["ledger"], Cancelled);
        Assert.True(report is { IsComplete: true, WasStopped: false });
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await sink.StoredAsync(report.Records);
            Assert.Equal((report.Points, 0L), (sink.Counters.PointsStored, sink.Counters.Duplicates));
        }

        LedgerFile ledger = LedgerFile.Read(folder["ledger"]);
        VerifyReport equal = await VerifyAsync(ledger, database);
        Assert.True(equal.IsEqual, string.Join('\n', equal.Examples));
        Assert.Equal((report.Records, report.Frames, report.Points), (equal.RecordsAcknowledged, equal.Equal, equal.PointsEqual));
        await AssertSqlSaysTheSameAsync(ledger, database);

        // A bit of a value, a frame that is gone, one that nobody sent, a name: each is found, and nothing else.
        await database.ExecuteAsync(
            """
            update hostwire.frame f set values[1] = values[1] + 1e-9 * greatest(1, values[1])
            from (select host_id, time, layout_id from hostwire.frame order by host_id, time, layout_id limit 1) one
            where (f.host_id, f.time, f.layout_id) = (one.host_id, one.time, one.layout_id)
            """,
            Cancelled);
        await AssertFoundAsync(ledger, database, different: 1, missing: 0, extra: 0);
        await database.ExecuteAsync(
            """
            delete from hostwire.frame f using (select host_id, time from hostwire.frame order by host_id desc, time limit 1) one
            where (f.host_id, f.time) = (one.host_id, one.time)
            """,
            Cancelled);
        await AssertFoundAsync(ledger, database, different: 1, missing: 1, extra: 0);
        await database.ExecuteAsync(
            "insert into hostwire.frame select time + interval '1 microsecond', host_id, layout_id, values, slot from hostwire.frame order by host_id, time desc offset 1 limit 1", Cancelled);
        await AssertFoundAsync(ledger, database, different: 1, missing: 1, extra: 1);
        await database.ExecuteAsync("update hostwire.metric set unit = 'min' where name = 'system.uptime'", Cancelled);
        VerifyReport renamed = await VerifyAsync(ledger, database);
        Assert.InRange(renamed.Different, report.Records - 10, report.Records);
    }

    [Fact]
    public async Task A_run_that_is_stopped_has_all_that_was_acknowledged_in_its_ledger_and_a_sink_that_lags_is_told_from_a_loss()
    {
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        using var folder = new TestDirectory("ledger");
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var request = new FleetRequest { Start = TimeProvider.System.GetUtcNow().AddTicks(-(TimeProvider.System.GetUtcNow().Ticks % 10)), Hosts = 40, Interval = TimeSpan.FromSeconds(1) };

        // In real time, until it is stopped.
        Task<SimulationReport> running = RunAsync(topic, request, scrapes: long.MaxValue, folder["ledger"], stopping.Token, isFast: false);
        await Eventually.TrueAsync(async () => (await broker.Client.EndOffsetsAsync(topic, Cancelled)).Sum() >= 60, "60 records on the topic", Cancelled);
        await stopping.CancelAsync();
        SimulationReport report = await running;

        Assert.True(report is { WasStopped: true, IsComplete: true });
        LedgerFile ledger = LedgerFile.Read(folder["ledger"]);
        Assert.Equal((true, report.Records), (ledger.IsWhole, ledger.RecordsAcknowledged));
        Assert.Equal(report.Records, (await broker.Client.EndOffsetsAsync(topic, Cancelled)).Sum());

        await using var sink = new RunningSink(broker, topic, database.Uri);
        await sink.StoredAsync(report.Records);
        Assert.True((await VerifyAsync(ledger, database)).IsEqual);
        await database.ExecuteAsync("update hostwire.kafka_offset set next_offset = 0; delete from hostwire.frame where host_id = (select min(host_id) from hostwire.host)", Cancelled);
        VerifyReport lagging = await VerifyAsync(ledger, database);
        Assert.True(lagging is { Missing: 0, NotYetRead: > 0, IsEqual: false });
    }

    private async Task<SimulationReport> RunAsync(string topic, FleetRequest request, long scrapes, string ledgerPath, CancellationToken stopping, bool isFast = true)
    {
        using var ledger = new LedgerWriter(ledgerPath);
        var kafka = new KafkaOptions { BootstrapServers = broker.BootstrapServers, Security = "plaintext", Topic = topic };
        var service = new SimulationService(request, new RunLength { Scrapes = scrapes, IsFast = isFast }, kafka, ledger, _ => { }, NullLoggerFactory.Instance, TimeProvider.System);
        return await service.RunAsync(stopping);
    }

    private static Task<VerifyReport> VerifyAsync(LedgerFile ledger, TestDatabase database) =>
        new LedgerVerifier(ledger, database.DataSource, TimeProvider.System).RunAsync(TimeSpan.Zero, Cancelled);

    private static async Task AssertFoundAsync(LedgerFile ledger, TestDatabase database, long different, long missing, long extra)
    {
        VerifyReport report = await VerifyAsync(ledger, database);
        Assert.Equal((different, missing, extra), (report.Different, report.Missing, report.Extra));
        Assert.Equal(different + missing + extra, report.Examples.Count);
        Assert.Equal(ledger.Entries.Count - different - missing, report.Equal);
    }

    private static async Task AssertSqlSaysTheSameAsync(LedgerFile ledger, TestDatabase database)
    {
        var stored = new HashSet<(string, LedgerFrame)>();
        await using Npgsql.NpgsqlCommand command = database.DataSource.CreateCommand(DigestSql);
        await using Npgsql.NpgsqlDataReader reader = await command.ExecuteReaderAsync(Cancelled);
        while (await reader.ReadAsync(Cancelled))
        {
            Assert.True(FrameDigest.TryParse(reader.GetString(3), out FrameDigest digest));
            stored.Add((reader.GetString(0), new LedgerFrame(reader.GetInt64(1), reader.GetInt32(2), digest)));
        }

        Assert.Equal(ledger.Entries.Select(entry => (ledger.Hosts[entry.Host], entry.Frame)).ToHashSet(), stored);
    }
}
