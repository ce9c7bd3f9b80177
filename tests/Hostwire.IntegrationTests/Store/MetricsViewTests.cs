using System.Globalization;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Store;

public sealed class MetricsViewTests(PostgresServer server)
{
    private const string Load = "system.cpu.load_average.1m";
    private const string Used = "system.memory.usage{state=used}";
    private const string Free = "system.memory.usage{state=free}";

    [Fact]
    public async Task Every_point_that_has_a_value_is_a_row()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, (Used, 5), (Load, 0.25), (Free, null));
        await store.AddAsync("web2", 10, (Free, 7));
        Assert.Equal(
            ["10|web1|system.cpu.load_average.1m|{}|{thread}|gauge|0.25|-", """10|web1|system.memory.usage|{"state": "used"}|By|up-down|5|cumulative""", """10|web2|system.memory.usage|{"state": "free"}|By|up-down|7|cumulative"""],
            await store.RowsAsync("select time, host, metric, attributes::text, unit, kind, value, temporality from hostwire.metrics order by host, metric"));
    }

    [Fact]
    public async Task Values_keep_their_bits()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, (Used, double.NaN), (Load, -0.0), (Free, 9_007_199_254_740_993));
        await store.AddAsync("web1", 20, (Used, double.NegativeInfinity), (Load, double.Epsilon), (Free, double.MaxValue));
        double[] expected = [double.NaN, -0.0, 9_007_199_254_740_993, double.NegativeInfinity, double.Epsilon, double.MaxValue];
        string stored = (await store.RowsAsync("select string_agg(encode(float8send(value), 'hex'), ' ' order by encode(float8send(value), 'hex')) from hostwire.metrics"))[0];
        Assert.Equal(string.Join(' ', expected.Select(value => BitConverter.DoubleToUInt64Bits(value).ToString("x16", CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal)), stored);
    }

    [Fact]
    public async Task Points_takes_from_inclusive_and_to_exclusive_and_matches_attributes()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        foreach (int second in (int[])[10, 20, 30])
        {
            await store.AddAsync("web1", second, (Used, second), (Free, 100 + second));
            await store.AddAsync("web2", second, (Used, 1));
        }

        Assert.Equal(["10|10", "20|20"], await store.RowsAsync(
            """select time, value from hostwire.points('system.memory.usage', 'web1', test.at(10), test.at(30), '{"state": "used"}')"""));
        Assert.Equal(["30|30", "30|130"], await store.RowsAsync("select time, value from hostwire.points('system.memory.usage', 'web1', test.at(30), test.at(31)) order by value"));
    }

    [Fact]
    public async Task Latest_is_the_newest_value_of_each_series_whatever_layout_it_came_in()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, (Used, 1), (Free, 2), (Load, 3));
        await store.AddAsync("web1", 20, (Used, 11), (Free, 12));
        await store.AddAsync("web1", 25, (Load, 33));
        await store.AddAsync("web1", 30, (Used, 21));
        await store.AddAsync("web2", 5, (Used, 4));
        Assert.Equal(
            ["""web1|25|system.cpu.load_average.1m|{}|33""", """web1|20|system.memory.usage|{"state": "free"}|12""", """web1|30|system.memory.usage|{"state": "used"}|21""", """web2|5|system.memory.usage|{"state": "used"}|4"""],
            await store.RowsAsync("select host, time, metric, attributes::text, value from hostwire.latest order by host, metric, attributes::text"));
    }

    [Fact]
    public async Task Latest_leaves_out_what_had_ended_by_the_newest_frame_or_ended_with_no_value()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 0, (Load, 1));
        await store.AddAsync("web1", 450, (Used, 1), (Free, 2));
        await store.AddAsync("web1", 900, (Used, 3), (Free, null));
        Assert.Equal(["""900|{"state": "used"}|3"""], await store.RowsAsync("select time, attributes::text, value from hostwire.latest"));
    }

    [Fact]
    public async Task A_host_whose_clock_was_ahead_for_a_moment_is_told_by_what_it_has_sent_since()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 0, (Load, 1));
        await store.AddAsync("web2", 0, (Load, 1));
        await store.Database.ExecuteAsync(
            """
            delete from hostwire.frame;
            select hostwire.maintain();
            insert into hostwire.frame (time, host_id, layout_id, slot, values) select now() + interval '20 hours', host_id, layout_id, 0, '{2}' from hostwire.host, hostwire.layout;
            insert into hostwire.frame (time, host_id, layout_id, slot, values) select now() - interval '10 seconds', host_id, layout_id, 0, '{3}' from hostwire.host, hostwire.layout where name = 'web1';
            """,
            TestContext.Current.CancellationToken);

        // Of one that has sent nothing else, what it sent is shown, whenever that is.
        Assert.Equal(["web1|3", "web2|2"], await store.RowsAsync("select host, value from hostwire.latest order by host"));
        Assert.Equal(["web1|False", "web2|True"], await store.RowsAsync("select host, age < interval '0' from hostwire.freshness order by host"));
    }

    [Fact]
    public async Task Freshness_lists_every_host_also_one_of_which_nothing_is_kept()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", -7200, (Used, 1));
        await store.AddAsync("web1", 10, (Used, 1));
        await store.AddAsync("web1", 20, (Used, 1), (Free, 1));
        await store.AddAsync("web2", -40_000, (Used, 1));
        await store.Database.ExecuteAsync("insert into hostwire.host (identity, name) values (sha256('ghost'), 'ghost')", TestContext.Current.CancellationToken);
        Assert.Equal(["ghost|-|-|0", "web1|20|True|2", "web2|-40000|True|1"], await store.RowsAsync(
            "select host, time, age = now() - time, layouts from hostwire.freshness order by host"));
    }
}
