using System.Text;
using Hostwire.Configuration;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>Sinks store while everything they know is marked and removed under their hands.</summary>
public sealed class UnusedRowsRaceTests(KafkaBroker broker, PostgresServer postgres)
{
    private const int Partitions = 2;
    private const int RemovalsOfEachKind = 15;

    // What retention does in a month: every frame has gone, and nothing was used since. Where the frames go the test can still read them, by name.
    private const string MonthPasses = """
        begin;
        lock table hostwire.kafka_offset in share mode;
        select pg_advisory_xact_lock(hashtext('hostwire'), hashtext('dictionary'));
        insert into rig.gone select host, metric, unit, kind, attributes, time, value from hostwire.metrics;
        insert into rig.frames select count(*) from hostwire.frame;
        delete from hostwire.frame;
        update hostwire.host set last_seen = now() - interval '100 days';
        update hostwire.layout set last_seen = now() - interval '100 days';
        commit;
        """;

    private readonly SyntheticHost[] _hosts = [.. Enumerable.Range(0, 4).Select(n => new SyntheticHost($"host-{n}", seed: n, newSeriesEvery: 5))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_lost_or_mislabelled_while_what_sinks_know_is_removed_again_and_again()
    {
        string topic = await broker.CreateTopicAsync(Partitions, cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        await database.ExecuteAsync("""
            update hostwire.setting set value = '0' where name = 'unused_hours';
            create schema rig;
            create table rig.gone as select host, metric, unit, kind, attributes, time, value from hostwire.metrics limit 0;
            create table rig.frames (count bigint);
            """, Cancellation);
        var options = new SinkOptions { Group = topic, BatchMaxMilliseconds = 5, BatchMaxBytes = 65536 };
        await using var first = new RunningSink(broker, topic, database.Uri, options);
        await using var second = new RunningSink(broker, topic, database.Uri, options);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task[] troubles = [MonthsPassAsync(database, enough.Token), MaintainAsync(database, enough.Token)];
        var random = new Random(1);
        while (await database.ScalarAsync<long>($"select count(*) from (select from hostwire.removed where what in ('layout', 'host', 'series', 'metric') and rows >= {RemovalsOfEachKind}) x", Cancellation) < 4)
        {
            Assert.DoesNotContain(troubles, trouble => trouble.IsCompleted);
            SyntheticHost host = _hosts[random.Next(_hosts.Length)];
            await broker.Client.ProduceAsync(
                topic, Enumerable.Range(0, random.Next(1, 30)).Select(_ => new RawRecord(host.NextRecord(), Encoding.UTF8.GetBytes(host.Name))), Cancellation);
        }

        await enough.CancelAsync();
        await Task.WhenAll(troubles);
        long end = (await broker.Client.EndOffsetsAsync(topic, Cancellation)).Sum();
        await Eventually.TrueAsync(
            async () => (long)await database.ScalarAsync<decimal>("select coalesce(sum(next_offset), 0) from hostwire.kafka_offset", Cancellation) == end, $"{end} records to be stored", Cancellation);
        await first.StopAsync();
        await second.StopAsync();

        List<MetricPoint> stored = await StoredPoints.ReadAsync(
            database.DataSource,
            """
            select host, metric, unit, kind, attributes::text, (extract(epoch from time) * 1000000)::bigint, value
            from (table rig.gone union all select host, metric, unit, kind, attributes, time, value from hostwire.metrics) p
            """,
            Cancellation);
        StoredPoints.AssertSame([.. _hosts.SelectMany(host => host.Sent)], stored);
        Assert.Equal(end, await database.AdminScalarAsync<long>("select (select sum(count) from rig.frames)::bigint + (select count(*) from hostwire.frame)", Cancellation));
        Assert.Equal(0L, await database.AdminScalarAsync<long>("select (select count(*) from hostwire.gap) + (select count(*) from hostwire.conflict) + (select count(*) from hostwire.dead_letter)", Cancellation));
    }

    private static async Task MonthsPassAsync(TestDatabase database, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await database.ExecuteAsync(MonthPasses, Cancellation);
            // Long enough that what is wrongly taken for unused would be gone, with frames that refer to it.
            for (int step = 0; step < 3; step++)
            {
                await MaintainOnceAsync(database);
            }
        }
    }

    private static async Task MaintainAsync(TestDatabase database, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await MaintainOnceAsync(database);
        }
    }

    private static async Task MaintainOnceAsync(TestDatabase database)
    {
        await using NpgsqlConnection connection = await database.Sink.OpenConnectionAsync(Cancellation);
        await Maintenance.RunAsync(connection, NullLogger.Instance, Cancellation);
    }
}
