using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Store;

public sealed class RatesViewTests(PostgresServer server)
{
    private const string Receive = "system.network.io{device=eth0,direction=receive}";
    private const string Transmit = "system.network.io{device=eth0,direction=transmit}";
    private const string Other = "system.network.io{device=veth1,direction=receive}";
    private const string Load = "system.cpu.load_average.1m";
    private const string OfReceive = """select time, value, value_before, seconds, increase, rate from hostwire.rates where attributes @> '{"device": "eth0", "direction": "receive"}' order by time""";

    [Fact]
    public async Task A_rate_is_what_was_gained_since_the_point_before()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, (Receive, 1000), (Transmit, 5), (Load, 1));
        await store.AddAsync("web1", 20, (Receive, 1500), (Transmit, 25), (Load, 2));
        await store.AddAsync("web1", 30.5, (Receive, 1500), (Transmit, 46), (Load, 3));
        Assert.Equal(["10|1000|-|-|-|-", "20|1500|1000|10|500|50", "30.5|1500|1500|10.5|0|0"], await store.RowsAsync(OfReceive));
        // What is no counter has no rate.
        Assert.Equal(["6"], await store.RowsAsync("select count(*) from hostwire.rates"));
    }

    [Fact]
    public async Task A_counter_that_fell_started_again_and_has_no_rate_for_that_interval()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, (Receive, 1000));
        await store.AddAsync("web1", 20, (Receive, 100));
        await store.AddAsync("web1", 30, (Receive, 150));
        Assert.Equal(["10|1000|-|-|-|-", "20|100|1000|10|-|-", "30|150|100|10|50|5"], await store.RowsAsync(OfReceive));
    }

    [Fact]
    public async Task A_point_without_a_value_is_stepped_over()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, (Receive, 1000), (Transmit, 1));
        await store.AddAsync("web1", 20, (Receive, null), (Transmit, 2));
        await store.AddAsync("web1", 30, (Receive, 1400), (Transmit, 3));
        Assert.Equal(["10|1000|-|-|-|-", "30|1400|1000|20|400|20"], await store.RowsAsync(OfReceive));
    }

    [Fact]
    public async Task The_point_before_is_found_in_whatever_layout_it_came()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, (Receive, 100), (Load, 1));
        await store.AddAsync("web1", 20, (Receive, 200), (Load, 1), (Other, 7));
        await store.AddAsync("web1", 25, (Load, 1));
        await store.AddAsync("web1", 30, (Receive, 350), (Load, 1));
        await store.AddAsync("web1", 40, (Receive, 450), (Load, 1));
        await store.AddAsync("web1", 50, (Receive, 600), (Load, 1), (Other, 17));
        Assert.Equal(
            ["10|100|-|-|-|-", "20|200|100|10|100|10", "30|350|200|10|150|15", "40|450|350|10|100|10", "50|600|450|10|150|15"],
            await store.RowsAsync(OfReceive));
        // The device that was away is compared with when it was last here.
        Assert.Equal(["20|7|-|-|-", "50|17|7|30|10"], await store.RowsAsync(
            """select time, value, value_before, seconds, increase from hostwire.rates where attributes @> '{"device": "veth1"}' order by time"""));
    }

    [Fact]
    public async Task A_layout_between_that_lacks_the_series_changes_nothing()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, (Receive, 100));
        await store.AddAsync("web1", 11, (Load, 1));
        await store.AddAsync("web1", 12, (Transmit, 1));
        await store.AddAsync("web1", 20, (Receive, 200));
        Assert.Equal(["10|100|-|-|-|-", "20|200|100|10|100|10"], await store.RowsAsync(OfReceive));
    }

    [Fact]
    public async Task There_is_no_rate_across_a_long_absence()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 0, (Receive, 100));
        await store.AddAsync("web1", 900, (Receive, 1000));
        await store.AddAsync("web1", 1801, (Receive, 2000));
        Assert.Equal(["0|100|-|-|-|-", "900|1000|100|900|900|1", "1801|2000|-|-|-|-"], await store.RowsAsync(OfReceive));
    }

    [Fact]
    public async Task A_rate_spans_midnight()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", -5, (Receive, 100));
        await store.AddAsync("web1", 5, (Receive, 200));
        Assert.Equal(["-5|100|-|-|-|-", "5|200|100|10|100|10"], await store.RowsAsync(OfReceive));
        Assert.Equal(["5|10"], await store.RowsAsync("select time, rate from hostwire.rates where time >= test.at(0)"));
    }

    [Fact]
    public async Task The_host_unknown_may_be_several_machines_and_has_no_rates()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("unknown", 10, (Receive, 100));
        await store.AddAsync("unknown", 11, (Receive, 900_000));
        await store.AddAsync("unknown", 20, (Receive, 200));
        Assert.Equal(["10|100|-|-|-|-", "11|900000|-|-|-|-", "20|200|-|-|-|-"], await store.RowsAsync(OfReceive));
    }

    [Fact]
    public async Task Hosts_are_not_compared_with_each_other()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, (Receive, 100));
        await store.AddAsync("web2", 15, (Receive, 7000));
        await store.AddAsync("web1", 20, (Receive, 300));
        Assert.Equal(["web1|20"], await store.RowsAsync("select host, rate from hostwire.rates where rate is not null"));
    }

    [Fact]
    public async Task The_value_of_a_delta_counter_is_its_increase()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, ("requests", 30));
        await store.AddAsync("web1", 20, ("requests", 20));
        Assert.Equal(["10|30|-", "20|20|2"], await store.RowsAsync("select time, increase, rate from hostwire.rates order by time"));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_makes_no_negative_interval()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 100, (Receive, 1000));
        await store.AddAsync("web1", 110, (Receive, 1100));
        await store.AddAsync("web1", 55, (Receive, 1150));
        await store.AddAsync("web1", 65, (Receive, 1250));
        Assert.Equal(["55|-", "65|10", "100|-", "110|10"], await store.RowsAsync("select time, rate from hostwire.rates order by time"));
    }
}
