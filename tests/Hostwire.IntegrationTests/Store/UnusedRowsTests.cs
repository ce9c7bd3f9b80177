using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Hostwire.IntegrationTests.Store;

/// <summary>What is removed from the dictionary, when, and what is not. What happens while sinks are at work: <see cref="Sink.UnusedRowsRaceTests"/>.</summary>
public sealed class UnusedRowsTests(PostgresServer server)
{
    private const string Rows = """
        select format('%s layouts, %s hosts, %s series, %s metrics', (select count(*) from hostwire.layout), (select count(*) from hostwire.host),
          (select count(*) from hostwire.series), (select count(*) from hostwire.metric))
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_nothing_refers_to_is_marked_and_a_day_later_removed_from_layouts_to_metrics()
    {
        await using HandMadeStore store = await CreateAsync();
        await GoAsync(store, "web-2");
        Assert.Equal(["mark unused layout: done: 1 rows", "mark unused host: done: 1 rows"], await MaintainAsync(store));
        Assert.Equal("2 layouts, 2 hosts, 3 series, 3 metrics", await ReadAsync(store, Rows));
        await PassAsync(store, "23 hours");
        Assert.Empty(await MaintainAsync(store));
        await PassAsync(store, "1 hour");
        // What the layout alone referred to has its own day.
        Assert.Equal(["remove unused layout: done: 1 rows", "remove unused host: done: 1 rows", "mark unused series: done: 1 rows"], await MaintainAsync(store));
        await PassAsync(store, "24 hours");
        Assert.Equal(["remove unused series: done: 1 rows", "mark unused metric: done: 1 rows"], await MaintainAsync(store));
        await PassAsync(store, "24 hours");
        Assert.Equal(["remove unused metric: done: 1 rows"], await MaintainAsync(store));
        Assert.Equal("1 layouts, 1 hosts, 2 series, 2 metrics", await ReadAsync(store, Rows));
        Assert.Equal("host 1, layout 1, metric 1, series 1", await ReadAsync(store, "select string_agg(format('%s %s', what, rows), ', ' order by what) from hostwire.removed"));
        Assert.Equal(["web-1|system.cpu.load_average.1m|1", "web-1|system.cpu.load_average.5m|2"], await store.RowsAsync("select host, metric, value from hostwire.metrics order by 1, 2"));
        Assert.Empty(await MaintainAsync(store));
    }

    [Theory]
    [InlineData("a partition of the time is still there", "select hostwire.set_retention(40), hostwire.ensure_partition((now() at time zone 'UTC')::date - 37), hostwire.set_retention(30)")]
    [InlineData("it is kept longer", "select hostwire.set_retention(38)")]
    [InlineData("a frame is in quarantine", """
        insert into hostwire.quarantine (time, host_id, layout_id, values, reason, topic, partition, record_offset)
        select now(), h.host_id, l.layout_id, '{}', '', 't', 0, 0 from hostwire.host h, hostwire.layout l where h.name = 'web-2' and l.last_seen < now() - interval '1 day'
        """)]
    [InlineData("a frame is in conflict", """
        insert into hostwire.conflict (host_id, layout_id, time, received_digest, topic, partition, record_offset)
        select h.host_id, l.layout_id, now(), '', 't', 0, 0 from hostwire.host h, hostwire.layout l where h.name = 'web-2' and l.last_seen < now() - interval '1 day'
        """)]
    public async Task What_something_may_refer_to_stays(string why, string cause)
    {
        await using HandMadeStore store = await CreateAsync();
        await GoAsync(store, "web-2");
        await MaintainAsync(store);
        await store.Database.ExecuteAsync(cause, Cancellation);
        await PassAsync(store, "24 hours");
        // Not by all of the maintenance, which would drop that partition.
        await TestDatabase.ScalarAsync<long>(store.Database.Sink, "select removed from hostwire.remove_unused('layout')", Cancellation);
        await TestDatabase.ScalarAsync<long>(store.Database.Sink, "select removed from hostwire.remove_unused('host')", Cancellation);
        Assert.True(await ReadAsync(store, Rows) is "2 layouts, 2 hosts, 3 series, 3 metrics", why);
    }

    [Fact]
    public async Task A_host_that_is_silent_for_less_than_the_retention_and_three_days_stays()
    {
        await using HandMadeStore store = await CreateAsync();
        await GoAsync(store, "web-2", "33 days");
        Assert.Empty(await MaintainAsync(store));
        await GoAsync(store, "web-2", "34 days");
        Assert.Equal(2, (await MaintainAsync(store)).Length);
    }

    [Fact]
    public async Task Nothing_is_removed_while_a_batch_is_under_way()
    {
        await using HandMadeStore store = await CreateAsync();
        await store.Database.ExecuteAsync("insert into hostwire.kafka_offset (group_id, topic, partition, cluster_id, topic_id, next_offset, owner_epoch, owner) values ('g', 't', 0, 'c', 'i', 1, 1, 'o')", Cancellation);
        await GoAsync(store, "web-2");
        await MaintainAsync(store);
        await PassAsync(store, "24 hours");
        await using (NpgsqlConnection sink = await store.Database.Sink.OpenConnectionAsync(Cancellation))
        await using (NpgsqlTransaction batch = await sink.BeginTransactionAsync(Cancellation))
        {
            await using var advance = new NpgsqlCommand("update hostwire.kafka_offset set next_offset = 2", sink, batch);
            await advance.ExecuteNonQueryAsync(Cancellation);
            const string skipped = "skipped: sinks or another session are at work; tried again next time";
            Assert.Equal([$"remove unused layout: {skipped}", $"remove unused host: {skipped}"], await MaintainAsync(store));
            Assert.Equal("2 layouts, 2 hosts, 3 series, 3 metrics", await ReadAsync(store, Rows));
        }

        Assert.Equal(3, (await MaintainAsync(store)).Length);
    }

    [Fact]
    public async Task It_goes_in_portions_until_all_is_done()
    {
        await using HandMadeStore store = await CreateAsync();
        await store.Database.ExecuteAsync("""
            insert into hostwire.layout (identity, last_seen) select sha256(n::text::bytea), now() - interval '100 days' from generate_series(1, 4001) n;
            insert into hostwire.layout_series (layout_id, position, series_id) select layout_id, 1, 1 from hostwire.layout where last_seen < now() - interval '1 day';
            """, Cancellation);
        Assert.Equal(["mark unused layout: done: 4001 rows"], await MaintainAsync(store));
        await PassAsync(store, "24 hours");
        Assert.Equal("2000 true", await TestDatabase.ScalarAsync<string>(store.Database.Sink, "select removed || ' ' || is_partial from hostwire.remove_unused('layout')", Cancellation));
        Assert.Equal(["remove unused layout: done: 2001 rows"], await MaintainAsync(store));
        Assert.Equal("2 layouts, 2 hosts, 3 series, 3 metrics", await ReadAsync(store, Rows));
    }

    [Theory]
    [InlineData("begin isolation level repeatable read; select * from hostwire.remove_unused('layout')", PostgresErrorCodes.InvalidTransactionState)]
    [InlineData("select * from hostwire.remove_unused('frame')", PostgresErrorCodes.InvalidParameterValue)]
    public async Task What_would_not_be_safe_or_makes_no_sense_is_refused(string sql, string state)
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => TestDatabase.ScalarAsync<object>(database.Sink, sql, Cancellation));
        Assert.Equal(state, refused.SqlState);
    }

    /// <summary>Two hosts; the second has a layout, a series and a metric of its own.</summary>
    private async Task<HandMadeStore> CreateAsync()
    {
        HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web-1", 0, ("system.cpu.load_average.1m", 1), ("system.cpu.load_average.5m", 2));
        await store.AddAsync("web-2", 0, ("system.cpu.load_average.1m", 1), ("system.cpu.load_average.15m", 3));
        await MaintainAsync(store);
        return store;
    }

    /// <summary>A host has been silent for so long, and its frames are dropped.</summary>
    private static Task GoAsync(HandMadeStore store, string host, string ago = "40 days") => store.Database.ExecuteAsync(
        $"""
        update hostwire.layout l set last_seen = now() - interval '{ago}' from hostwire.host h, hostwire.frame f where h.name = '{host}' and (f.host_id, f.layout_id) = (h.host_id, l.layout_id);
        update hostwire.host set last_seen = now() - interval '{ago}' where name = '{host}';
        delete from hostwire.frame f using hostwire.host h where h.name = '{host}' and f.host_id = h.host_id and interval '{ago}' > interval '33 days';
        """,
        Cancellation);

    private static Task PassAsync(HandMadeStore store, string time) => store.Database.ExecuteAsync(
        string.Concat(from table in (string[])["layout", "host", "series", "metric"] select $"update hostwire.{table} set marked_at = marked_at - interval '{time}';"), Cancellation);

    private static async Task<string[]> MaintainAsync(HandMadeStore store)
    {
        await using NpgsqlConnection connection = await store.Database.Sink.OpenConnectionAsync(Cancellation);
        IReadOnlyList<MaintenanceStep> steps = await Maintenance.RunAsync(connection, NullLogger.Instance, Cancellation);
        return [.. steps.Where(step => step.Task is not "create partition").Select(step => $"{step.Task} {step.Object}: {step.Outcome}")];
    }

    private static Task<string?> ReadAsync(HandMadeStore store, string sql) => store.Database.ScalarAsync<string>(sql, Cancellation);
}
