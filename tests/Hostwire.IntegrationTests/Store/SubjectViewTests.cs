using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Store;

public sealed class SubjectViewTests(PostgresServer server)
{
    private const string CpuColumns = "time, cpu, busy_percent, user_percent, system_percent, iowait_percent, idle_percent";

    [Fact]
    public async Task Cpu_is_the_share_of_each_state_since_the_scrape_before()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, [.. Cpu("cpu0", 100, 50, 7, 1000), .. Cpu("cpu1", 10, 5, 0, 100)]);
        await store.AddAsync("web1", 20, [.. Cpu("cpu0", 102, 51, 8, 1004), .. Cpu("cpu1", 10, 5, 0, 110)]);
        Assert.Equal(["20|cpu0|50|25|12.5|12.5|50", "20|cpu1|0|0|0|0|100"], await store.RowsAsync($"select {CpuColumns} from hostwire.cpu order by time, cpu"));
    }

    [Fact]
    public async Task Cpu_forgives_the_kernel_that_corrects_idle_and_iowait_downwards()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, Cpu("cpu0", 100, 50, 7, 1000));
        await store.AddAsync("web1", 20, Cpu("cpu0", 101, 52, 6.5, 1007));
        Assert.Equal(["20|cpu0|30|10|20|0|70"], await store.RowsAsync($"select {CpuColumns} from hostwire.cpu"));
    }

    [Fact]
    public async Task Cpu_of_a_host_that_sends_all_cpus_together_is_one_row_and_the_same_total_and_the_change_over_harms_nothing()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, [.. Cpu("cpu0", 100, 50, 7, 1000), .. Cpu("cpu1", 10, 5, 0, 100), ("system.cpu.frequency{cpu=cpu0}", 2e9), ("system.cpu.frequency{cpu=cpu1}", 3e9)]);
        await store.AddAsync("web1", 20, [.. Cpu("all", 112, 56, 8, 1114), ("system.cpu.frequency{cpu=all}", 2.5e9)]);
        await store.AddAsync("web1", 30, [.. Cpu("all", 116, 58, 10, 1126), ("system.cpu.frequency{cpu=all}", 2.6e9)]);
        Assert.Equal(["30|all|40|20|10|10|60"], await store.RowsAsync($"select {CpuColumns} from hostwire.cpu order by time, cpu"));
        Assert.Equal(
            ["10|current_cpu_frequency|2500", "20|current_cpu_frequency|2500", "30|current_cpu_frequency|2600", "30|total_cpu|40"],
            await store.RowsAsync("select datetime, metric, value from hostwire.system_metrics where metric in ('total_cpu', 'current_cpu_frequency') order by datetime, metric"));
    }

    [Fact]
    public async Task Cpu_leaves_out_the_interval_in_which_the_machine_started_again()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, Cpu("cpu0", 1, 50, 7, 1000));
        await store.AddAsync("web1", 20, Cpu("cpu0", 2, 1, 0, 10));
        await store.AddAsync("web1", 30, Cpu("cpu0", 4, 2, 0, 17));
        // After this one every counter but idle is above what it was: only the total tells.
        await store.AddAsync("web1", 40, Cpu("cpu0", 5, 3, 0, 2));
        Assert.Equal(["30|cpu0|30|20|10|0|70"], await store.RowsAsync($"select {CpuColumns} from hostwire.cpu order by time"));
        Assert.Equal(["30|30"], await store.RowsAsync("select datetime, value from hostwire.system_metrics where metric = 'total_cpu' order by datetime"));
    }

    [Fact]
    public async Task Memory_takes_the_kernels_estimate_and_the_limit_where_they_are_sent()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, [.. Memory(250, 300, 400, 50), ("system.linux.memory.available", 750), ("system.memory.limit", 1000)]);
        Assert.Equal(["10|250|750|1000|25|300|400|50|30|5"], await store.RowsAsync(
            "select time, used_bytes, available_bytes, total_bytes, used_percent, free_bytes, cached_bytes, buffered_bytes, slab_reclaimable_bytes, slab_unreclaimable_bytes from hostwire.memory"));
    }

    [Fact]
    public async Task Memory_of_a_default_collector_is_made_of_its_states()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, Memory(250, 300, 400, 50));
        await store.AddAsync("mac1", 10, ("system.memory.usage{state=used}", 600), ("system.memory.usage{state=free}", 100), ("system.memory.usage{state=inactive}", 300));
        // Cached has the reclaimable slab in it already.
        Assert.Equal(["mac1|600|400|1000|60", "web1|250|750|1000|25"], await store.RowsAsync(
            "select host, used_bytes, available_bytes, total_bytes, used_percent from hostwire.memory order by host"));
    }

    [Fact]
    public async Task Filesystem_counts_percent_as_df_does()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        const string root = "device=/dev/vda,mode=rw,mountpoint=/,type=ext4";
        await store.AddAsync(
            "web1", 10,
            ($"system.filesystem.usage{{{root},state=used}}", 30), ($"system.filesystem.usage{{{root},state=free}}", 60), ($"system.filesystem.usage{{{root},state=reserved}}", 10),
            ($"system.filesystem.inodes.usage{{{root},state=used}}", 25), ($"system.filesystem.inodes.usage{{{root},state=free}}", 75),
            ("system.filesystem.usage{device=tmpfs,mode=rw,mountpoint=/run,type=tmpfs,state=used}", 0), ("system.filesystem.usage{device=tmpfs,mode=rw,mountpoint=/run,type=tmpfs,state=free}", 0));
        Assert.Equal(["10|/|/dev/vda|ext4|rw|30|60|10|100|33.333333|25|75|25", "10|/run|tmpfs|tmpfs|rw|0|0|-|0|-|-|-|-"], await store.RowsAsync(
            "select time, mountpoint, device, type, mode, used_bytes, free_bytes, reserved_bytes, total_bytes, used_percent, inodes_used, inodes_free, inodes_used_percent from hostwire.filesystem order by mountpoint"));
    }

    [Fact]
    public async Task Disk_has_rates_waiting_times_and_the_queue()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, Disk(1000, 2000, 10, 20, 1, 2, 5, 8, 3));
        await store.AddAsync("web1", 20, Disk(6000, 2000, 30, 20, 1.4, 2, 9, 28, 1));
        Assert.Equal(["10|vda|-|-|-|-|-|-|-|-|-|-|3", "20|vda|500|0|2|0|0|0|20|-|40|2|1"], await store.RowsAsync("""
            select time, device, read_bytes_per_second, written_bytes_per_second, reads_per_second, writes_per_second, merged_reads_per_second, merged_writes_per_second,
              read_milliseconds, write_milliseconds, busy_percent, queue_length, pending_operations
            from hostwire.disk order by time
            """));
    }

    [Fact]
    public async Task Network_has_a_row_for_each_interface()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, [.. Network("eth0", 1000, 500), .. Network("lo", 7, 7)]);
        await store.AddAsync("web1", 20, [.. Network("eth0", 3000, 600), .. Network("lo", 17, 17)]);
        Assert.Equal(["eth0|200|10|20|1|2|0.1|0.2|0.01", "lo|1|1|0.1|0.1|0.01|0.01|0.001|0.001"], await store.RowsAsync("""
            select device, received_bytes_per_second, sent_bytes_per_second, received_packets_per_second, sent_packets_per_second,
              receive_errors_per_second, send_errors_per_second, receive_dropped_per_second, send_dropped_per_second
            from hostwire.network where time = test.at(20) order by device
            """));
    }

    [Fact]
    public async Task Load_has_the_three_averages_in_one_row()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, ("system.cpu.load_average.1m", 0.5), ("system.cpu.load_average.5m", 0.25), ("system.cpu.load_average.15m", 0.125));
        Assert.Equal(["10|web1|0.5|0.25|0.125"], await store.RowsAsync("select time, host, load_1m, load_5m, load_15m from hostwire.load"));
    }

    [Fact]
    public async Task System_metrics_has_the_eight_metrics_of_the_original_demo()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", 10, Cpu("cpu0", 100, 50, 7, 1000));
        await store.AddAsync(
            "web1", 20,
            [
                .. Cpu("cpu0", 102, 51, 8, 1004), .. Memory(250, 300, 400, 50), .. Network("eth0", 3000, 600), .. Network("eth1", 40, 4), .. Network("lo", 99, 99),
                ("system.cpu.frequency{cpu=cpu0}", 2_000_000_000), ("system.cpu.frequency{cpu=cpu1}", 3_000_000_000),
            ]);
        Assert.Equal(
            [
                "20|web1|available_memory|750|gauge|By", "20|web1|current_cpu_frequency|2500|gauge|MHz", "20|web1|memory_use|250|gauge|By",
                "20|web1|network_traffic_in|3040|counter|By", "20|web1|network_traffic_out|604|counter|By", "20|web1|percent_memory_use|25|gauge|%",
                "20|web1|total_cpu|50|gauge|%", "20|web1|total_network_traffic|3644|counter|By",
            ],
            await store.RowsAsync("select datetime, hostname, metric, value, type, unit from hostwire.system_metrics order by metric"));
    }

    [Fact]
    public async Task System_metrics_of_a_default_collector_come_from_frames_of_different_times()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        foreach (int tick in (int[])[0, 10])
        {
            await store.AddAsync("web1", tick + 0.001, Network("eth0", 100 + tick, 50));
            await store.AddAsync("web1", tick + 0.002, [.. Cpu("cpu0", 100 + tick, 50, 0, 1000), .. Cpu("cpu1", 100, 50, 0, 1000 + tick)]);
            await store.AddAsync("web1", tick + 0.003, Memory(250, 300, 400, 50));
        }

        Assert.Equal(
            [
                "10.001|network_traffic_in|110", "10.001|network_traffic_out|50", "10.001|total_network_traffic|160", "10.002|total_cpu|50",
                "10.003|available_memory|750", "10.003|memory_use|250", "10.003|percent_memory_use|25",
            ],
            await store.RowsAsync("select datetime, metric, value from hostwire.system_metrics where datetime > test.at(5) order by datetime, metric"));
    }

    [Fact]
    public async Task Host_unknown_has_readings_but_no_total_cpu()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("unknown", 10, [.. Cpu("cpu0", 100, 50, 0, 1000), .. Memory(250, 300, 400, 50)]);
        await store.AddAsync("unknown", 20, [.. Cpu("cpu0", 200, 50, 0, 1000), .. Memory(100, 450, 400, 50)]);
        Assert.Equal(["available_memory", "memory_use", "percent_memory_use"], await store.RowsAsync("select distinct metric from hostwire.system_metrics order by metric"));
    }

    [Fact]
    public async Task An_id_is_always_the_same_for_the_same_sample_and_never_for_two()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        for (int second = 0; second < 100; second++)
        {
            await store.AddAsync("web1", second, [.. Memory(250, 300, 400, 50), .. Network("eth0", second, 1)]);
            await store.AddAsync("web2", second, Memory(250, 300, 400, 50));
        }

        const string ids = "select count(distinct id), count(*), min(id) > 0, md5(string_agg(id::text, ',' order by id)) from hostwire.system_metrics";
        string[] first = await store.RowsAsync(ids);
        Assert.StartsWith("900|900|True|", first[0], StringComparison.Ordinal);
        Assert.Equal(first, await store.RowsAsync($"set timezone = 'Asia/Kathmandu'; set datestyle = 'German'; set extra_float_digits = 0; {ids}"));
    }

    [Theory]
    [InlineData("America/Los_Angeles")]
    [InlineData("Europe/Berlin")]
    [InlineData("Pacific/Kiritimati")]
    public async Task The_time_zone_of_a_session_changes_nothing_but_how_times_look(string timeZone)
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web1", -5, [.. Cpu("cpu0", 100, 50, 7, 1000), .. Network("eth0", 1, 1)]);
        await store.AddAsync("web1", 5, [.. Cpu("cpu0", 102, 51, 8, 1004), .. Network("eth0", 11, 1)]);
        Assert.Equal(["5|50"], await store.RowsAsync($"set timezone = '{timeZone}'; select time, busy_percent from hostwire.cpu where time >= test.at(0)"));
        Assert.Equal(["5|1"], await store.RowsAsync($"set timezone = '{timeZone}'; select time, received_bytes_per_second from hostwire.network where time >= test.at(0)"));
    }

    private static (string Series, double? Value)[] Cpu(string cpu, double user, double system, double wait, double idle) =>
    [
        ($"system.cpu.time{{cpu={cpu},state=user}}", user), ($"system.cpu.time{{cpu={cpu},state=system}}", system),
        ($"system.cpu.time{{cpu={cpu},state=wait}}", wait), ($"system.cpu.time{{cpu={cpu},state=idle}}", idle),
    ];

    private static (string Series, double? Value)[] Memory(double used, double free, double cached, double buffered) =>
    [
        ("system.memory.usage{state=used}", used), ("system.memory.usage{state=free}", free), ("system.memory.usage{state=cached}", cached),
        ("system.memory.usage{state=buffered}", buffered), ("system.memory.usage{state=slab_reclaimable}", 30), ("system.memory.usage{state=slab_unreclaimable}", 5),
    ];

    private static (string Series, double? Value)[] Network(string device, double received, double sent) =>
    [
        ($"system.network.io{{device={device},direction=receive}}", received), ($"system.network.io{{device={device},direction=transmit}}", sent),
        ($"system.network.packets{{device={device},direction=receive}}", received / 10), ($"system.network.packets{{device={device},direction=transmit}}", sent / 10),
        ($"system.network.errors{{device={device},direction=receive}}", received / 100), ($"system.network.errors{{device={device},direction=transmit}}", sent / 100),
        ($"system.network.dropped{{device={device},direction=receive}}", received / 1000), ($"system.network.dropped{{device={device},direction=transmit}}", sent / 1000),
    ];

    private static (string Series, double? Value)[] Disk(
        double read, double written, double reads, double writes, double readSeconds, double writeSeconds, double busySeconds, double weightedSeconds, double pending) =>
    [
        ("system.disk.io{device=vda,direction=read}", read), ("system.disk.io{device=vda,direction=write}", written),
        ("system.disk.operations{device=vda,direction=read}", reads), ("system.disk.operations{device=vda,direction=write}", writes),
        ("system.disk.merged{device=vda,direction=read}", 4), ("system.disk.merged{device=vda,direction=write}", 4),
        ("system.disk.operation_time{device=vda,direction=read}", readSeconds), ("system.disk.operation_time{device=vda,direction=write}", writeSeconds),
        ("system.disk.io_time{device=vda}", busySeconds), ("system.disk.weighted_io_time{device=vda}", weightedSeconds), ("system.disk.pending_operations{device=vda}", pending),
    ];
}
