using System.Text;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>Exactly once while sinks come, go and are killed.</summary>
public sealed class RebalanceTests(KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire) : IDisposable
{
    private const int Partitions = 3;
    private const int Records = 24_000;
    private const int BatchesASink = 10;

    private readonly TestDirectory _files = new("rebalance");
    private readonly SyntheticHost[] _hosts = [.. Enumerable.Range(0, 12).Select(i => new SyntheticHost($"host-{i}", seed: i))];

    private readonly List<KafkaClient> _producers = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_table_holds_what_two_producers_sent_after_three_rebalances_and_a_kill_in_mid_batch()
    {
        string topic = await kafka.CreateTopicAsync(Partitions, cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        string config = await WriteConfigAsync(topic, database);

        await using ChildProcess first = await hostwire.StartAsync(["sink", "--config", config]);
        // It makes the schema before it joins the group.
        await kafka.Client.WaitForGroupAsync(topic, members: 1, Cancellation, first);
        await OffsetAudit.InstallAsync(database, Cancellation);
        _producers.AddRange([new KafkaClient(kafka.BootstrapServers), new KafkaClient(kafka.BootstrapServers)]);
        await ProduceUntilSinksHaveBatchesAsync(topic, database, first);

        // The first rebalance: a second sink comes.
        await using ChildProcess second = await hostwire.StartAsync(["sink", "--config", config]);
        await kafka.Client.WaitForGroupAsync(topic, members: 2, Cancellation, first, second);
        await ProduceUntilSinksHaveBatchesAsync(topic, database, first, second);

        // The second: the first sink is killed while it copies, with the offset moved in the same open transaction.
        await KillInMidBatchAsync(first, topic, database);
        await ProduceAsync(topic, Records / 10);
        await kafka.Client.WaitForGroupAsync(topic, members: 1, Cancellation, second);

        // The third: another takes its place, while records come in.
        Task producing = ProduceAsync(topic, Records / 10);
        await using ChildProcess third = await hostwire.StartAsync(["sink", "--config", config]);
        await kafka.Client.WaitForGroupAsync(topic, members: 2, Cancellation, second, third);
        await producing;
        await ProduceUntilSinksHaveBatchesAsync(topic, database, first, second, third);
        await ProduceAsync(topic, Math.Max(0, Records - (int)(await kafka.Client.EndOffsetsAsync(topic, Cancellation)).Sum()));

        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, second, third);
        await SinkSettings.StopAsync(second, Cancellation);
        await SinkSettings.StopAsync(third, Cancellation);
        StoredPoints.AssertSame([.. _hosts.SelectMany(host => host.Sent)], await StoredPoints.ReadAsync(database, Cancellation));
        Assert.Equal(0, await OffsetAudit.MovesBackAsync(database, Cancellation));
        Assert.Equal(0L, await database.AdminScalarAsync<long>(
            "SELECT (SELECT count(*) FROM hostwire.gap) + (SELECT count(*) FROM hostwire.conflict) + (SELECT count(*) FROM hostwire.dead_letter)", Cancellation));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _producers.ForEach(producer => producer.Dispose());
        _files.Dispose();
    }

    private Task<string> WriteConfigAsync(string topic, TestDatabase database) => _files.WriteAsync("sink.toml", SinkSettings.Text(kafka, topic, database, """
        # Small, so that each sink commits many.
        batch_max_bytes = 65536
        batch_max_milliseconds = 5

        [kafka.properties]
        # So that a killed sink is missed after seconds.
        "session.timeout.ms" = "6000"
        """));

    // The producers side by side, each with hosts of its own.
    private Task ProduceAsync(string topic, int count) => Task.WhenAll(_hosts.Chunk(_hosts.Length / _producers.Count).Zip(_producers, async (hosts, producer) =>
    {
        IEnumerable<RawRecord> records = Enumerable.Range(0, count / _producers.Count)
            .Select(i => hosts[i % hosts.Length])
            .Select(host => new RawRecord(host.NextRecord(), Encoding.UTF8.GetBytes(host.Name)));
        await producer.ProduceAsync(topic, records, Cancellation);
    }));

    private Task ProduceUntilSinksHaveBatchesAsync(string topic, TestDatabase database, params ChildProcess[] sinks) => Eventually.TrueAsync(
        async () =>
        {
            await ProduceAsync(topic, Records / 100);
            return await OffsetAudit.SinksWithBatchesAsync(database, BatchesASink, Cancellation) == sinks.Length;
        },
        $"{sinks.Length} sinks to have committed {BatchesASink} batches each",
        Cancellation,
        [.. sinks.Where(sink => !sink.HasExited)]);

    private async Task KillInMidBatchAsync(ChildProcess sink, string topic, TestDatabase database)
    {
        // Both sinks get as far as their COPY and wait there for this lock.
        await using NpgsqlConnection connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(Cancellation);
        await using (var command = new NpgsqlCommand("LOCK TABLE hostwire.frame IN SHARE MODE", connection, transaction))
        {
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        await ProduceAsync(topic, Records / 10);
        await Eventually.TrueAsync(
            async () => await database.AdminScalarAsync<long>(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE 'copy %'", Cancellation) == 2,
            "both sinks to wait in their COPY",
            Cancellation,
            sink);
        sink.Signal(UnixSignal.Kill);
        await sink.WaitForExitAsync(Cancellation);
        await transaction.RollbackAsync(Cancellation);
    }
}
