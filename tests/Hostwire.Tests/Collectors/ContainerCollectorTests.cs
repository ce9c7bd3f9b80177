using System.Text;
using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class ContainerCollectorTests
{
    [Fact]
    public void Reads_limits_usage_and_throttling_of_the_container() =>
        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["container.cpu.time{cpu.mode=user}"] = 100.000001,
                ["container.cpu.time{cpu.mode=system}"] = 23.456788,
                ["container.cpu.limit"] = 1.5,
                ["container.cpu.throttling_data.periods"] = 4000,
                ["container.cpu.throttling_data.throttled_periods"] = 250,
                ["container.cpu.throttling_data.throttled_time"] = 7_654_321_000,
                ["container.memory.usage"] = 419_430_400,
                ["container.memory.working_set"] = 419_430_400 - 104_857_600,
                ["container.memory.usage.limit"] = 536_870_912,
                ["hostwire.container.memory.events{event=low}"] = 0,
                ["hostwire.container.memory.events{event=high}"] = 3,
                ["hostwire.container.memory.events{event=max}"] = 41,
                ["hostwire.container.memory.events{event=oom}"] = 2,
                ["hostwire.container.memory.events{event=oom_kill}"] = 1,
                ["container.pids.count"] = 17,
            },
            Reading.Of(new ContainerCollector(HostFixture.Paths("container"))));

    [Fact]
    public void A_host_is_no_container_although_its_root_group_has_some_of_the_files()
    {
        using var host = new TemporaryHost();
        host.Write("sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
        host.Write("sys/fs/cgroup/cpu.stat", "usage_usec 1\nuser_usec 1\nsystem_usec 0\n");
        host.Write("sys/fs/cgroup/memory.stat", "anon 1\ninactive_file 1\n");

        Assert.Empty(Reading.Of(new ContainerCollector(host.Paths)));
        Assert.Empty(Reading.Of(new ContainerCollector(HostFixture.Paths("small-vm"))));
    }

    [Fact]
    public void Controllers_that_the_container_was_not_given_are_left_out()
    {
        using var host = new HostTree("container");
        foreach (string file in (string[])["memory.current", "memory.max", "memory.stat", "memory.events", "pids.current", "pids.max", "cpu.max"])
        {
            host.Remove($"sys/fs/cgroup/{file}");
        }

        // Without the controller for CPUs the kernel counts the time alone.
        host.Write("sys/fs/cgroup/cpu.stat", "usage_usec 3\nuser_usec 2\nsystem_usec 1\n");
        Assert.Equal(2, Reading.Of(new ContainerCollector(host.Paths)).Count);
    }

    [Fact]
    public void What_is_not_limited_has_no_limit()
    {
        using var host = new HostTree("container");
        host.Write("sys/fs/cgroup/cpu.max", "max 100000\n");
        host.Write("sys/fs/cgroup/memory.max", "max\n");
        Dictionary<string, double> values = Reading.Of(new ContainerCollector(host.Paths));

        Assert.DoesNotContain("container.cpu.limit", values);
        Assert.DoesNotContain("container.memory.usage.limit", values);
        Assert.DoesNotContain("container.pids.limit", values);
    }

    [Theory]
    [InlineData("50000 100000\n", true, 0.5)]
    [InlineData("400000 100000\n", true, 4)]
    [InlineData("max 100000\n", false, 0)]
    [InlineData("50000 0\n", false, 0)]
    [InlineData("50000\n", false, 0)]
    [InlineData("", false, 0)]
    public void A_limit_is_quota_by_period(string content, bool isLimited, double expected)
    {
        Assert.Equal(isLimited, ContainerCollector.TryParseLimit(Encoding.UTF8.GetBytes(content), out double cpus));
        Assert.Equal(expected, cpus);
    }

    [Fact]
    public void Allocates_nothing_in_a_container() => Reading.AssertAllocatesNothing(new ContainerCollector(HostFixture.Paths("container")));
}
