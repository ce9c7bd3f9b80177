using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class CpuCollectorTests
{
    private const string Rest = "intr 1\nctxt 2\nbtime 3\nprocesses 4\nprocs_running 1\nprocs_blocked 0\n";

    [Fact]
    public void A_small_vm_yields_times_in_seconds_counts_and_the_frequency_of_cpuinfo()
    {
        Dictionary<string, double> values = Reading.Of(new CpuCollector(HostFixture.Paths("small-vm")));

        Assert.Equal(2 * 8 + 2 + 2 + 3, values.Count);
        Assert.Equal(672.41, values["system.cpu.time{cpu=cpu0,state=user}"]);
        Assert.Equal(0, values["system.cpu.time{cpu=cpu0,state=nice}"]);
        Assert.Equal(148.14, values["system.cpu.time{cpu=cpu0,state=system}"]);
        Assert.Equal(2598.02, values["system.cpu.time{cpu=cpu0,state=idle}"]);
        Assert.Equal(7.16, values["system.cpu.time{cpu=cpu0,state=wait}"]);
        Assert.Equal(0, values["system.cpu.time{cpu=cpu0,state=interrupt}"]);
        Assert.Equal(9.13, values["system.cpu.time{cpu=cpu0,state=softirq}"]);
        Assert.Equal(93.73, values["system.cpu.time{cpu=cpu0,state=steal}"]);
        Assert.Equal(655.16, values["system.cpu.time{cpu=cpu1,state=user}"]);
        Assert.Equal(2_445_426_000, values["system.cpu.frequency{cpu=cpu0}"]);
        Assert.Equal(2_445_426_000, values["system.cpu.frequency{cpu=cpu1}"]);
        Assert.Equal(2, values["system.cpu.logical.count"]);
        Assert.Equal(2, values["system.cpu.physical.count"]);
        Assert.Equal(10509033, values["hostwire.cpu.context_switches"]);
        Assert.Equal(4291143, values["hostwire.cpu.interrupts"]);
        Assert.Equal(2250081, values["hostwire.cpu.softirqs"]);
    }

    [Fact]
    public void A_host_of_128_cpus_yields_all_of_them_and_the_frequencies_of_cpufreq()
    {
        Dictionary<string, double> values = Reading.Of(new CpuCollector(HostFixture.Paths("big-128")));

        Assert.Equal(128 * 8 + 128 + 2 + 3, values.Count);
        Assert.Equal(128, values["system.cpu.logical.count"]);
        Assert.Equal(64, values["system.cpu.physical.count"]);
        Assert.Equal(10001.27, values["system.cpu.time{cpu=cpu127,state=user}"]);
        Assert.Equal(3.27, values["system.cpu.time{cpu=cpu127,state=nice}"]);
        Assert.Equal(3002.54, values["system.cpu.time{cpu=cpu127,state=system}"]);
        Assert.Equal(799996.19, values["system.cpu.time{cpu=cpu127,state=idle}"]);
        Assert.Equal(41.27, values["system.cpu.time{cpu=cpu127,state=wait}"]);
        Assert.Equal(51.27, values["system.cpu.time{cpu=cpu127,state=softirq}"]);
        Assert.Equal(2_000_000_000, values["system.cpu.frequency{cpu=cpu0}"]);
        Assert.Equal(2_127_000_000, values["system.cpu.frequency{cpu=cpu127}"]);
    }

    [Fact]
    public void All_cpus_together_have_sums_of_times_shares_of_all_time_and_the_mean_frequency()
    {
        Dictionary<string, double> values = Reading.Of(new CpuCollector(HostFixture.Paths("small-vm"), perCpu: false));

        Assert.Equal(8 + 1 + 2 + 3, values.Count);
        Assert.Equal(672.41 + 655.16, values["system.cpu.time{cpu=all,state=user}"], 10);
        Assert.Equal(2_445_426_000, values["system.cpu.frequency{cpu=all}"]);
        Assert.Equal(2, values["system.cpu.logical.count"]);
        Assert.Equal(2, values["system.cpu.physical.count"]);

        values = Reading.Of(new CpuCollector(HostFixture.Paths("big-128"), perCpu: false));
        Assert.Equal(8 + 1 + 2 + 3, values.Count);
        Assert.Equal(2_063_500_000, values["system.cpu.frequency{cpu=all}"]);
    }

    [Fact]
    public void Shares_of_all_cpus_together_are_those_of_their_sum_also_when_one_of_them_goes_offline()
    {
        using var host = new HostTree("container");
        host.Write("proc/stat", "cpu  2000 0 0 8000 0 0 0 0 0 0\ncpu0 1000 0 0 4000 0 0 0 0 0 0\ncpu1 1000 0 0 4000 0 0 0 0 0 0\n" + Rest);
        var collector = new CpuCollector(host.Paths, perCpu: false);
        Assert.DoesNotContain("system.cpu.utilization{cpu=all,state=user}", Reading.Of(collector));

        host.Write("proc/stat", "cpu  2150 0 0 8050 0 0 0 0 0 0\ncpu0 1100 0 0 4000 0 0 0 0 0 0\n" + Rest);
        Dictionary<string, double> values = Reading.Of(collector);
        Assert.Equal(0.75, values["system.cpu.utilization{cpu=all,state=user}"]);
        Assert.Equal(0.25, values["system.cpu.utilization{cpu=all,state=idle}"]);
        Assert.Equal(1, values["system.cpu.logical.count"]);
        Reading.AssertAllocatesNothing(new CpuCollector(HostFixture.Paths("big-128"), perCpu: false));
    }

    [Fact]
    public void Without_sysfs_frequencies_and_cores_come_from_cpuinfo()
    {
        using var host = new HostTree("big-128");
        host.Remove("sys");
        Dictionary<string, double> values = Reading.Of(new CpuCollector(host.Paths));

        Assert.Equal(64, values["system.cpu.physical.count"]);
        Assert.Equal(2_600_000_000, values["system.cpu.frequency{cpu=cpu0}"]);
        Assert.Equal(2_727_127_000, values["system.cpu.frequency{cpu=cpu127}"]);
    }

    [Fact]
    public void A_container_that_shows_neither_cpufreq_nor_topology_yields_times_and_the_number_of_cpus()
    {
        Dictionary<string, double> values = Reading.Of(new CpuCollector(HostFixture.Paths("container")));

        Assert.Equal(2 * 8 + 1 + 3, values.Count);
        Assert.Equal(2, values["system.cpu.logical.count"]);
        Assert.Equal(0.05, values["system.cpu.time{cpu=cpu0,state=steal}"] + values["system.cpu.time{cpu=cpu1,state=steal}"], 10);
    }

    [Fact]
    public void Utilization_is_the_share_of_each_state_in_the_time_since_the_reading_before()
    {
        using var host = new HostTree("container");
        host.Write("proc/stat", "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 1000 10 200 9000 50 1 20 3 0 0\n" + Rest);
        var collector = new CpuCollector(host.Paths);
        Assert.DoesNotContain(Reading.Of(collector).Keys, key => key.StartsWith("system.cpu.utilization", StringComparison.Ordinal));

        // 200 ticks: 60 of them in user, 30 of those for a guest, which must not be counted twice.
        host.Write("proc/stat", "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 1060 12 220 9100 54 2 30 6 30 0\n" + Rest);
        Dictionary<string, double> values = Reading.Of(collector);
        Assert.Equal(0.3, values["system.cpu.utilization{cpu=cpu0,state=user}"]);
        Assert.Equal(0.01, values["system.cpu.utilization{cpu=cpu0,state=nice}"]);
        Assert.Equal(0.1, values["system.cpu.utilization{cpu=cpu0,state=system}"]);
        Assert.Equal(0.5, values["system.cpu.utilization{cpu=cpu0,state=idle}"]);
        Assert.Equal(0.02, values["system.cpu.utilization{cpu=cpu0,state=wait}"]);
        Assert.Equal(0.005, values["system.cpu.utilization{cpu=cpu0,state=interrupt}"]);
        Assert.Equal(0.05, values["system.cpu.utilization{cpu=cpu0,state=softirq}"]);
        Assert.Equal(0.015, values["system.cpu.utilization{cpu=cpu0,state=steal}"]);
    }

    [Theory]
    [InlineData("1000 10 200 9000 50 1 20 3", "no tick has passed")]
    [InlineData("0 0 0 12 0 0 0 0", "all counters have started again")]
    [InlineData("4 0 0 9100 60 1 20 3", "one counter that only grows has shrunk")]
    public void No_utilization_is_invented_when(string next, string because)
    {
        using var host = new HostTree("container");
        host.Write("proc/stat", "cpu  0 0 0 0 0 0 0 0\ncpu0 1000 10 200 9000 50 1 20 3\n" + Rest);
        var collector = new CpuCollector(host.Paths);
        Reading.Of(collector);

        host.Write("proc/stat", $"cpu  0 0 0 0 0 0 0 0\ncpu0 {next}\n" + Rest);
        Dictionary<string, double> values = Reading.Of(collector);
        Assert.True(values.ContainsKey("system.cpu.time{cpu=cpu0,state=user}"));
        Assert.False(values.Keys.Any(key => key.StartsWith("system.cpu.utilization", StringComparison.Ordinal)), because);

        // The reading after that counts from the new start.
        host.Write("proc/stat", "cpu  0 0 0 0 0 0 0 0\ncpu0 2000 10 200 10100 160 1 20 3\n" + Rest);
        Assert.True(Reading.Of(collector).ContainsKey("system.cpu.utilization{cpu=cpu0,state=user}"));
    }

    [Fact]
    public void Wait_that_steps_back_as_it_does_on_real_kernels_counts_as_none()
    {
        using var host = new HostTree("container");
        host.Write("proc/stat", "cpu  0 0 0 0 0 0 0 0\ncpu0 100 0 0 1000 50 0 0 0\n" + Rest);
        var collector = new CpuCollector(host.Paths);
        Reading.Of(collector);

        host.Write("proc/stat", "cpu  0 0 0 0 0 0 0 0\ncpu0 110 0 0 1030 48 0 0 0\n" + Rest);
        Dictionary<string, double> values = Reading.Of(collector);
        Assert.Equal(0.48, values["system.cpu.time{cpu=cpu0,state=wait}"]);
        Assert.Equal(0, values["system.cpu.utilization{cpu=cpu0,state=wait}"]);
        Assert.Equal(0.25, values["system.cpu.utilization{cpu=cpu0,state=user}"]);
        Assert.Equal(0.75, values["system.cpu.utilization{cpu=cpu0,state=idle}"]);
    }

    [Fact]
    public void A_cpu_that_goes_offline_is_left_out_and_starts_anew_when_it_comes_back()
    {
        using var host = new HostTree("big-128");
        string all = host.Read("proc/stat");
        var collector = new CpuCollector(host.Paths);
        Reading.Of(collector);

        // CPU 64 is the second thread of core 0, and 127 that of core 63.
        host.Write("proc/stat", string.Join('\n', all.Split('\n').Where(line => !line.StartsWith("cpu64 ", StringComparison.Ordinal))));
        host.Remove("sys/devices/system/cpu/cpu64/cpufreq");
        host.Remove("sys/devices/system/cpu/cpu64/topology");
        Dictionary<string, double> without = Reading.Of(collector);
        Assert.Equal(127, without["system.cpu.logical.count"]);
        Assert.Equal(64, without["system.cpu.physical.count"]);
        Assert.DoesNotContain(without.Keys, key => key.Contains("cpu64", StringComparison.Ordinal));
        Assert.True(without.ContainsKey("system.cpu.frequency{cpu=cpu65}"));

        host.Remove("sys/devices/system/cpu/cpu0/topology");
        host.Write("proc/stat", string.Join('\n', all.Split('\n').Where(line => !line.StartsWith("cpu64 ", StringComparison.Ordinal) && !line.StartsWith("cpu0 ", StringComparison.Ordinal))));
        Assert.Equal(63, Reading.Of(collector)["system.cpu.physical.count"]);

        // Every CPU goes on by a second in idle.
        string later = string.Join('\n', all.Split('\n').Select(line => line.StartsWith("cpu", StringComparison.Ordinal) ? AddToIdle(line, 100) : line));
        host.Write("proc/stat", later);
        host.Write("sys/devices/system/cpu/cpu64/cpufreq/scaling_cur_freq", "800000\n");
        Dictionary<string, double> back = Reading.Of(collector);
        Assert.Equal(128, back["system.cpu.logical.count"]);
        Assert.Equal(800_000_000, back["system.cpu.frequency{cpu=cpu64}"]);
        Assert.True(back.ContainsKey("system.cpu.time{cpu=cpu64,state=user}"));
        Assert.False(back.ContainsKey("system.cpu.utilization{cpu=cpu64,state=user}"));
        Assert.Equal(1, back["system.cpu.utilization{cpu=cpu65,state=idle}"]);
    }

    [Fact]
    public void A_frequency_that_is_not_known_or_has_just_gone_is_left_out_alone()
    {
        using var host = new HostTree("big-128");
        var collector = new CpuCollector(host.Paths);
        Reading.Of(collector);

        host.Write("sys/devices/system/cpu/cpu7/cpufreq/scaling_cur_freq", "<unknown>\n");
        Dictionary<string, double> values = Reading.Of(collector);
        Assert.False(values.ContainsKey("system.cpu.frequency{cpu=cpu7}"));
        Assert.Equal(2_008_000_000, values["system.cpu.frequency{cpu=cpu8}"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("cpu  1 2 3 4 5 6 7 8 0 0\n")]
    [InlineData("cpu  1 2 3 4 5 6 7 8 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n")]
    [InlineData("cpu  1 2 3 4 5 6 7 8 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\ncpu1 1 2 3 4 5")]
    [InlineData("cpu  1 2 3 4 5 6 7 8 0 0\ncpu0 1 2 3 4 5 6 7\nintr 1\n")]
    [InlineData("cpu  1 2 3 4 5 6 7 8 0 0\ncpu0 1 2 3 4 5 6 7 -8\nintr 1\n")]
    [InlineData("cpu  1 2 3 4 5 6 7 8 0 0\ncpux 1 2 3 4 5 6 7 8\nintr 1\n")]
    [InlineData("intr 1\n")]
    public void A_file_that_was_cut_off_is_refused_by_name_and_the_next_whole_one_is_read(string content)
    {
        using var host = new HostTree("container");
        string whole = host.Read("proc/stat");
        var collector = new CpuCollector(host.Paths);
        host.Write("proc/stat", content);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Of(collector));
        Assert.StartsWith($"{host.Paths.Procfs}/stat ", error.Message, StringComparison.Ordinal);

        host.Write("proc/stat", whole);
        Assert.Equal(2, Reading.Of(collector)["system.cpu.logical.count"]);
    }

    [Fact]
    public void A_missing_stat_is_an_error_and_a_missing_cpuinfo_is_not()
    {
        using var host = new HostTree("small-vm");
        host.Remove("proc/cpuinfo");
        var collector = new CpuCollector(host.Paths);
        Assert.DoesNotContain(Reading.Of(collector).Keys, key => key.StartsWith("system.cpu.frequency", StringComparison.Ordinal));

        host.Remove("proc/stat");
        Assert.Throws<IOException>(() => Reading.Of(new CpuCollector(host.Paths)));
    }

    private static string AddToIdle(string line, long ticks)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        fields[4] = (long.Parse(fields[4], System.Globalization.CultureInfo.InvariantCulture) + ticks).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return fields[0] is "cpu" ? line : string.Join(' ', fields);
    }
}
