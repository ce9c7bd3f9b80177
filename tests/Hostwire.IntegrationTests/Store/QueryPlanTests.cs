using System.Globalization;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Hostwire.IntegrationTests.Store;

/// <summary>Filters must reach the frames: a view that reads thirty days to show an hour is of no use.</summary>
public sealed class QueryPlanTests(PostgresServer server)
{
    public static TheoryData<string, string, string> Views { get; } = new()
    {
        { "metrics", "time", "host" },
        { "rates", "time", "host" },
        { "cpu", "time", "host" },
        { "memory", "time", "host" },
        { "filesystem", "time", "host" },
        { "disk", "time", "host" },
        { "network", "time", "host" },
        { "load", "time", "host" },
        { "system_metrics", "datetime", "hostname" },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public async Task A_filter_on_time_leaves_other_days_unread(string view, string time, string host)
    {
        await using HandMadeStore store = await CreateAsync();
        string[] plan = await store.RowsAsync($"explain (analyze, costs off, timing off, summary off) select * from hostwire.{view} where {host} = 'web1' and {time} > now() - interval '1 hour'");
        Assert.NotEmpty(plan);
        Assert.DoesNotContain(plan, ReadsOldDay);
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task A_filter_on_the_host_is_applied_to_the_hosts(string view, string time, string host)
    {
        await using HandMadeStore store = await CreateAsync();
        string[] plan = await store.RowsAsync($"explain (costs off) select * from hostwire.{view} where {host} = 'web1' and {time} > now() - interval '1 hour'");
        int hosts = plan.Count(ScansHosts);
        int filtered = plan.Count(FiltersHosts);
        // system_metrics joins the hosts once more, for the id.
        Assert.True(filtered >= 1 && hosts - filtered == (view is "system_metrics" ? 1 : 0), string.Join('\n', plan));
    }

    [Fact]
    public async Task A_filter_on_the_metric_leaves_only_its_branch_of_system_metrics()
    {
        await using HandMadeStore store = await CreateAsync();
        string[] plan = await store.RowsAsync("explain (analyze, costs off, timing off, summary off) select * from hostwire.system_metrics where metric = 'memory_use' and datetime > now() - interval '1 hour'");
        Assert.DoesNotContain(plan, line => line.Contains("system.cpu.time", StringComparison.Ordinal));
        Assert.DoesNotContain("never executed", ScanWith("system.memory.usage"), StringComparison.Ordinal);
        Assert.Contains("never executed", ScanWith("system.network.io"), StringComparison.Ordinal);

        string ScanWith(string metric) => plan[Array.FindIndex(plan, line => line.Contains($"(name = '{metric}'", StringComparison.Ordinal) || line.Contains($"{{{metric},", StringComparison.Ordinal)) - 1];
    }

    [Fact]
    public async Task The_newest_frame_is_found_without_reading_older_days()
    {
        await using HandMadeStore store = await CreateAsync();
        foreach (string view in (string[])["latest", "freshness"])
        {
            string[] plan = await store.RowsAsync($"explain (analyze, costs off, timing off, summary off) select host, time from hostwire.{view}");
            Assert.DoesNotContain(plan, ReadsOldDay);
        }
    }

    [Theory]
    [InlineData("host")]
    [InlineData("metric")]
    [InlineData("series")]
    [InlineData("layout")]
    [InlineData("layout_series")]
    [InlineData("host_slot")]
    public async Task Autovacuum_looks_at_tables_of_the_dictionary_however_small_they_are(string table)
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        string[] options = await store.RowsAsync($"select unnest(reloptions) from pg_class where oid = 'hostwire.{table}'::regclass");
        Assert.Contains("autovacuum_analyze_threshold=1", options, StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_planner_is_told_that_slots_are_few_as_soon_as_there_is_a_frame()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        Assert.DoesNotContain(await MaintainAsync(store), step => step.Task is "analyze");
        await store.AddAsync("web1", 1, ("system.memory.usage{state=used}", 1));

        Assert.Contains(new MaintenanceStep("analyze", "frame", "done"), await MaintainAsync(store));
        Assert.Equal(["1"], await store.RowsAsync("select n_distinct from pg_stats where schemaname = 'hostwire' and tablename = 'frame' and attname = 'slot' and inherited"));
        // A table that PostgreSQL knows nothing of, as after a restore, would be sampled for every partition as far as its columns ask for it.
        Assert.Equal(["1"], await store.RowsAsync("select distinct attstattarget from pg_attribute where attname = 'slot' and (attrelid = 'hostwire.frame'::regclass or attrelid in (select inhrelid from pg_inherits where inhparent = 'hostwire.frame'::regclass))"));
        Assert.DoesNotContain(await MaintainAsync(store), step => step.Task is "analyze");
    }

    private static async Task<IReadOnlyList<MaintenanceStep>> MaintainAsync(HandMadeStore store)
    {
        await using NpgsqlConnection connection = await store.Database.Sink.OpenConnectionAsync(TestContext.Current.CancellationToken);
        return await Maintenance.RunAsync(connection, NullLogger.Instance, TestContext.Current.CancellationToken);
    }

    // Twenty days, of which the first fifteen must not be looked at.
    private async Task<HandMadeStore> CreateAsync()
    {
        HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.Database.ExecuteAsync("""
            select hostwire.ensure_partition((now() at time zone 'UTC')::date + n) from generate_series(-20, 3) n;
            """, TestContext.Current.CancellationToken);
        await store.AddAsync("web1", 1, ("system.cpu.time{cpu=cpu0,state=idle}", 1), ("system.memory.usage{state=used}", 1), ("system.network.io{device=eth0,direction=receive}", 1));
        await store.Database.ExecuteAsync("""
            insert into hostwire.frame select time - n * interval '1 day' + extra * interval '10 seconds', host_id, layout_id, values, slot
            from hostwire.frame, generate_series(1, 20) n, generate_series(0, 50) extra;
            insert into hostwire.frame select now() - extra * interval '10 seconds', host_id, layout_id, values, slot
            from (select * from hostwire.frame limit 1) f, generate_series(0, 50) extra;
            analyze;
            """, TestContext.Current.CancellationToken);
        return store;
    }

    private static bool ReadsOldDay(string line) =>
        !line.Contains("never executed", StringComparison.Ordinal)
        && Enumerable.Range(5, 16).Any(back => line.Contains(
            "on frame_" + TimeProvider.System.GetUtcNow().AddDays(-back).ToString("yyyyMMdd", CultureInfo.InvariantCulture), StringComparison.Ordinal));

    private static bool ScansHosts(string line) => line.Contains(" on host ", StringComparison.Ordinal);

    private static bool FiltersHosts(string line) =>
        line.Contains("name = 'web1'::text", StringComparison.Ordinal) && (line.Contains("Index Cond:", StringComparison.Ordinal) || line.Contains("Filter:", StringComparison.Ordinal));
}
