using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class NetworkCollectorTests
{
    private const string Headings =
        "Inter-|   Receive                                                |  Transmit\n"
        + " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";

    private const string Lo = "    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0\n";

    [Theory]
    [InlineData("  eth0: 1000 11 2 3 4 5 6 7 8000 91 12 13 14 15 16 17\n", "eth0")]
    [InlineData("eth0:1000 11 2 3 4 5 6 7 8000 91 12 13 14 15 16 17\n", "eth0")]
    [InlineData("eth0:1:1000 11 2 3 4 5 6 7 8000 91 12 13 14 15 16 17\n", "eth0:1")]
    [InlineData("größe: 1000 11 2 3 4 5 6 7 8000 91 12 13 14 15 16 17\n", "größe")]
    public void Reads_what_went_in_and_out_and_what_was_lost(string line, string device)
    {
        using var host = new TemporaryHost();
        host.Write("proc/net/dev", Headings + line);

        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                [$"system.network.io{{device={device},direction=receive}}"] = 1000,
                [$"system.network.io{{device={device},direction=transmit}}"] = 8000,
                [$"system.network.packets{{device={device},direction=receive}}"] = 11,
                [$"system.network.packets{{device={device},direction=transmit}}"] = 91,
                [$"system.network.errors{{device={device},direction=receive}}"] = 2,
                [$"system.network.errors{{device={device},direction=transmit}}"] = 12,
                [$"system.network.dropped{{device={device},direction=receive}}"] = 3,
                [$"system.network.dropped{{device={device},direction=transmit}}"] = 13,
            },
            Reading.Of(new NetworkCollector(host.Paths)));
    }

    [Fact]
    public void Reads_the_network_of_the_hosts_first_process_rather_than_our_own()
    {
        Dictionary<string, double> values = Reading.Of(new NetworkCollector(HostFixture.Paths("big-128")));

        Assert.Equal((46 * 8) + 2, values.Count);
        Assert.Equal(18_000_000_000_000, values["system.network.io{device=eth0,direction=receive}"]);
        Assert.Equal(17_000_000_000_000, values["system.network.io{device=bond0.100,direction=transmit}"]);
        Assert.Equal(181234, values["system.network.conntrack.count"]);
        Assert.Equal(1048576, values["system.network.conntrack.max"]);
    }

    [Fact]
    public void A_container_has_its_own_interfaces_and_no_connection_tracking()
    {
        Dictionary<string, double> values = Reading.Of(new NetworkCollector(HostFixture.Paths("container")));

        Assert.Equal(2 * 8, values.Count);
        Assert.Equal(12345, values["system.network.io{device=eth0,direction=receive}"]);
        Assert.Equal(4, values["system.network.dropped{device=eth0,direction=transmit}"]);
    }

    [Fact]
    public void An_interface_that_appears_has_points_in_the_next_reading_and_none_once_it_is_gone()
    {
        using var host = new TemporaryHost();
        var collector = new NetworkCollector(host.Paths);

        host.Write("proc/net/dev", Headings + Lo);
        Assert.Equal(8, Reading.Of(collector).Count);
        host.Write("proc/net/dev", Headings + Lo + Lo.Replace("lo", "veth1", StringComparison.Ordinal));
        Assert.Equal(100, Reading.Of(collector)["system.network.io{device=veth1,direction=receive}"]);
        host.Write("proc/net/dev", Headings + Lo);
        Assert.Equal(8, Reading.Of(collector).Count);
    }

    [Fact]
    public void Connection_tracking_appears_with_the_kernel_module_and_goes_with_it()
    {
        using var host = new TemporaryHost();
        host.Write("proc/net/dev", Headings + Lo);
        var collector = new NetworkCollector(host.Paths);

        Assert.DoesNotContain("system.network.conntrack.count", Reading.Of(collector));
        host.Write("proc/sys/net/netfilter/nf_conntrack_count", "77\n");
        Assert.Equal(77, Reading.Of(collector)["system.network.conntrack.count"]);
        Assert.DoesNotContain("system.network.conntrack.max", Reading.Of(collector));

        host.Write("proc/sys/net/netfilter/nf_conntrack_count", "many\n");
        Assert.Throws<InvalidDataException>(() => Reading.Points(collector));
    }

    [Fact]
    public void Counters_that_start_over_are_passed_on_as_they_are_and_those_beyond_what_can_be_sent_are_left_out()
    {
        using var host = new TemporaryHost();
        var collector = new NetworkCollector(host.Paths);

        host.Write("proc/net/dev", Headings + "eth0: 9223372036854775807 4294967295 18446744073709551615 0 0 0 0 0 9223372036854775808 1 0 0 0 0 0 0\n");
        Dictionary<string, double> before = Reading.Of(collector);
        Assert.Equal(6, before.Count);
        Assert.Equal(9223372036854775807, before["system.network.io{device=eth0,direction=receive}"]);
        Assert.Equal(4294967295, before["system.network.packets{device=eth0,direction=receive}"]);

        host.Write("proc/net/dev", Headings + "eth0: 5 0 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n");
        Assert.Equal(0, Reading.Of(collector)["system.network.packets{device=eth0,direction=receive}"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Inter-|   Receive \n")]
    [InlineData(Lo + Lo)]
    [InlineData(Headings + "eth0: 1 2 3 4 5 6 7 8 9 10 11\n")]
    [InlineData(Headings + "eth0: 1 2 3 4 5 6 7 8 9 10 11 1x\n")]
    [InlineData(Headings + "eth0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n")]
    [InlineData(Headings + "    : 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n")]
    [InlineData(Headings + "eth0: 1 2 3 4 5 6 7 8 9 10 11 12")]
    public void A_file_that_was_cut_off_or_is_something_else_is_an_error_that_names_it(string dev)
    {
        using var host = new TemporaryHost();
        host.Write("proc/net/dev", dev);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Points(new NetworkCollector(host.Paths)));
        Assert.StartsWith($"{host.Paths.Procfs}/net/dev ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_without_the_file_is_an_error_that_names_it()
    {
        using var host = new TemporaryHost();
        IOException error = Assert.Throws<IOException>(() => Reading.Points(new NetworkCollector(host.Paths)));
        Assert.StartsWith($"{host.Paths.Procfs}/net/dev ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Allocates_nothing_once_every_interface_has_been_seen()
    {
        Reading.AssertAllocatesNothing(new NetworkCollector(HostFixture.Paths("big-128")));
        Reading.AssertAllocatesNothing(new NetworkCollector(HostFixture.Paths("container")));
    }
}
