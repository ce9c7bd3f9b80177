using Hostwire.Configuration;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;
using Hostwire.Store.Roles;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>Sinks behind PgBouncer in transaction mode, where each transaction may get another connection to the server; and how many connections a sink takes.</summary>
public sealed class PgBouncerTests(KafkaBroker broker, SmallPostgres small) : IClassFixture<SmallPostgres>
{
    private const int Records = 300;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_way_of_a_record_leads_through_it()
    {
        await using TestDatabase database = await small.Server.CreateDatabaseAsync(Cancellation);
        // One connection for two sinks: what a session kept, the other would meet.
        await using PgBouncerServer pooler = await PgBouncerServer.StartAsync(small.Server, poolSize: 1, Cancellation);
        string topic = await broker.CreateTopicAsync(partitions: 2, cancellationToken: Cancellation);
        SyntheticHost[] hosts = [new("web-0", seed: 0, newSeriesEvery: 7), new("web-1", seed: 1, newSeriesEvery: 5)];
        await using var first = new RunningSink(broker, topic, pooler.UriOf(database));
        await using var second = new RunningSink(broker, topic, pooler.UriOf(database));
        await Eventually.TrueAsync(() => Task.FromResult(first.Counters.PartitionsOwned == 1 && second.Counters.PartitionsOwned == 1), "each sink to have a partition", Cancellation);
        for (int partition = 0; partition < hosts.Length; partition++)
        {
            SyntheticHost host = hosts[partition];
            byte[] record = host.NextRecord();
            byte[] rival = new SyntheticHost(host.Name, seed: 9, host.StartMicros, newSeriesEvery: 7).NextRecord();
            byte[] quarantined = new SyntheticHost(host.Name, seed: 3, startMicros: 86_400_000_000 + partition).NextRecord();
            // Stored; a duplicate and a conflict, by the temporary table; quarantine; a dead letter; and much that is new to the dictionary.
            await ProduceAsync(topic, partition, [record]);
            await ProduceAsync(topic, partition, [record, rival, quarantined, [0xFF, 0x00]]);
            await ProduceAsync(topic, partition, [.. Enumerable.Range(0, Records).Select(_ => host.NextRecord())]);
        }

        await StoredAsync(database, 2 * (Records + 5));
        await first.StopAsync();
        await second.StopAsync();
        StoredPoints.AssertSame([.. hosts.SelectMany(host => host.Sent)], await StoredPoints.ReadAsync(database, Cancellation));
        Assert.Equal("2 conflicts, 2 quarantined, 2 dead letters, 0 gaps", await database.AdminScalarAsync<string>(
            """
            select format('%s conflicts, %s quarantined, %s dead letters, %s gaps', (select count(*) from hostwire.conflict), (select count(*) from hostwire.quarantine),
              (select count(*) from hostwire.dead_letter), (select count(*) from hostwire.gap))
            """, Cancellation));
        Assert.Equal(2, first.Counters.Duplicates + second.Counters.Duplicates);
        Assert.True(await database.AdminScalarAsync<bool>($"select bool_and(usename = '{small.Server.Roles.Sink}') and count(*) = 1 from pg_stat_activity where datname = current_database() and application_name like 'hostwire%'", Cancellation));
    }

    [Fact]
    public async Task Killed_in_mid_batch_nothing_is_lost_or_stored_twice()
    {
        await using TestDatabase database = await small.Server.CreateDatabaseAsync(Cancellation);
        await using PgBouncerServer pooler = await PgBouncerServer.StartAsync(small.Server, cancellationToken: Cancellation);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancellation);
        var host = new SyntheticHost("web-1", seed: 1);
        var log = new LogLines();
        await using var sink = new RunningSink(broker, topic, pooler.UriOf(database), log: log);
        await ProduceAsync(topic, 0, [host.NextRecord()]);
        await StoredAsync(database, 1);
        await using (BatchWait batch = await BatchWait.BeginAsync(database, Cancellation))
        {
            await ProduceAsync(topic, 0, [.. Enumerable.Range(0, Records).Select(_ => host.NextRecord())]);
            await batch.CaughtAsync(Cancellation);
            await pooler.KillAsync(Cancellation);
            await sink.UntilAsync(_ => log.Has("cannot be reached or hung up"), "the sink to say what is wrong");
        }

        await pooler.StartAsync(Cancellation);
        await StoredAsync(database, Records + 1);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
        Assert.Equal(0, sink.Counters.Conflicts);
    }

    [Fact]
    public async Task Migrations_go_to_the_servers_own_port_and_sinks_start_behind_the_pooler_without_any()
    {
        // Roles, and with them the users of the pooler, are those of the rig.
        await using TestDatabase other = await small.Server.CreateDatabaseAsync(Cancellation);
        await using TestDatabase database = await small.Server.CreateEmptyDatabaseAsync(Cancellation);
        await using PgBouncerServer pooler = await PgBouncerServer.StartAsync(small.Server, cancellationToken: Cancellation);
        await using (NpgsqlDataSource direct = PostgresDataSource.Create(new PostgresOptions { Uri = database.AdminUri }))
        {
            await RoleSetup.ApplyAsync(direct, small.Server.Roles, new Dictionary<string, string>(StringComparer.Ordinal), Cancellation);
            Assert.Equal(MigrationCatalogue.Load().Count, (await Migrator.MigrateAsync(direct, NullLogger.Instance, Cancellation)).To);
        }

        string topic = await broker.CreateTopicAsync(cancellationToken: Cancellation);
        var host = new SyntheticHost("web-1", seed: 1);
        string uri = new UriBuilder(database.UriOf(small.Server.Roles.Sink)) { Port = pooler.Port }.Uri.ToString();
        await using var sink = new RunningSink(broker, topic, uri, new SinkOptions { Group = topic, Migrate = false });
        await ProduceAsync(topic, 0, [host.NextRecord()]);
        await sink.StoredAsync(1);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
    }

    [Fact]
    public async Task A_sink_takes_two_connections_at_most_whatever_it_does()
    {
        await using TestDatabase database = await small.Server.CreateDatabaseAsync(Cancellation);
        string topic = await broker.CreateTopicAsync(partitions: 4, cancellationToken: Cancellation);
        var host = new SyntheticHost("web-1", seed: 1, newSeriesEvery: 3);
        // A third would be refused, and the sink would say so.
        await database.ExecuteAsync($"alter role {small.Server.Roles.Sink} connection limit 2", Cancellation);
        try
        {
            var log = new LogLines();
            await using var sink = new RunningSink(broker, topic, database.Uri, new SinkOptions { Group = topic, BatchMaxMilliseconds = 5 }, log);
            long most = 0;
            long produced = 0;
            for (int round = 0; round < 20; round++)
            {
                // With claims lost and made again, which is when a sink does several things at once.
                await database.ExecuteAsync("update hostwire.kafka_offset set owner_epoch = owner_epoch + 1", Cancellation);
                foreach (int partition in Enumerable.Range(0, 4))
                {
                    await ProduceAsync(topic, partition, [.. Enumerable.Range(0, 50).Select(_ => host.NextRecord())]);
                    produced += 50;
                    most = long.Max(most, await database.AdminScalarAsync<long>($"select count(*) from pg_stat_activity where usename = '{small.Server.Roles.Sink}'", Cancellation));
                }
            }

            await StoredAsync(database, produced);
            await sink.StopAsync();
            Assert.InRange(most, 1, 2);
            Assert.False(log.Has("no connection free"), string.Join('\n', log.All));
            StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
        }
        finally
        {
            await database.ExecuteAsync($"alter role {small.Server.Roles.Sink} connection limit -1", Cancellation);
        }
    }

    private static Task StoredAsync(TestDatabase database, long records) => Eventually.TrueAsync(
        async () => (long)await database.ScalarAsync<decimal>("select coalesce(sum(next_offset), 0) from hostwire.kafka_offset", Cancellation) == records, $"{records} records to be stored", Cancellation);

    private async Task ProduceAsync(string topic, int partition, byte[][] records) =>
        await broker.Client.ProduceAsync(topic, records.Select(record => new RawRecord(record, Partition: partition)), Cancellation);
}
