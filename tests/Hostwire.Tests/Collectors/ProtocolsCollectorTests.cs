using System.Text;
using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class ProtocolsCollectorTests
{
    [Fact]
    public void Reads_what_tcp_and_udp_had_to_do_again_or_to_drop()
    {
        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["hostwire.network.tcp.segments{direction=receive}"] = 91234567890,
                ["hostwire.network.tcp.segments{direction=transmit}"] = 92345678901,
                ["hostwire.network.tcp.retransmits"] = 1234567,
                ["hostwire.network.tcp.receive_errors"] = 8,
                ["hostwire.network.tcp.failed_attempts"] = 60003,
                ["hostwire.network.tcp.established_resets"] = 70004,
                ["hostwire.network.tcp.resets_sent"] = 99009,
                ["hostwire.network.tcp.listen_overflows"] = 3004,
                ["hostwire.network.tcp.listen_drops"] = 3105,
                ["hostwire.network.udp.datagrams{network.type=ipv4,direction=receive}"] = 700001,
                ["hostwire.network.udp.datagrams{network.type=ipv4,direction=transmit}"] = 800004,
                ["hostwire.network.udp.receive_errors{network.type=ipv4}"] = 703,
                ["hostwire.network.udp.receive_buffer_errors{network.type=ipv4}"] = 605,
                ["hostwire.network.udp.send_buffer_errors{network.type=ipv4}"] = 606,
                ["hostwire.network.udp.no_ports{network.type=ipv4}"] = 702,
                ["hostwire.network.udp.datagrams{network.type=ipv6,direction=receive}"] = 9001,
                ["hostwire.network.udp.datagrams{network.type=ipv6,direction=transmit}"] = 9004,
                ["hostwire.network.udp.receive_errors{network.type=ipv6}"] = 93,
                ["hostwire.network.udp.receive_buffer_errors{network.type=ipv6}"] = 95,
                ["hostwire.network.udp.send_buffer_errors{network.type=ipv6}"] = 96,
                ["hostwire.network.udp.no_ports{network.type=ipv6}"] = 92,
            },
            Reading.Of(new ProtocolsCollector(HostFixture.Paths("big-128"))));
    }

    [Fact]
    public void The_files_of_a_kernel_of_today_are_understood()
    {
        Dictionary<string, double> values = Reading.Of(new ProtocolsCollector(HostFixture.Paths("small-vm")));

        Assert.Equal(21, values.Count);
        Assert.True(values["hostwire.network.tcp.retransmits"] > 0);
    }

    [Fact]
    public void A_host_without_ipv6_has_the_figures_of_ipv4_alone() =>
        Assert.Equal(15, Reading.Of(new ProtocolsCollector(HostFixture.Paths("container"))).Count);

    [Fact]
    public void A_host_without_any_of_the_files_yields_nothing_and_fails_nothing()
    {
        using var host = new TemporaryHost();
        Assert.Empty(Reading.Of(new ProtocolsCollector(host.Paths)));
    }

    [Fact]
    public void Numbers_are_found_by_name_wherever_they_stand_and_negative_ones_are_passed_over()
    {
        var counters = new ProtocolCounters("Tcp:MaxConn", "Tcp:InSegs", "Udp:InSegs", "Tcp:New");
        Assert.True(counters.TryParse(Encoding.UTF8.GetBytes("Tcp: InSegs MaxConn\nTcp: 7 -1\nUdp: A InSegs\nUdp: 1 9\nX: A\nX: b\n")));
        Assert.Null(counters[0]);
        Assert.Equal(7UL, counters[1]);
        Assert.Equal(9UL, counters[2]);
        Assert.Null(counters[3]);
    }

    [Theory]
    [InlineData("Tcp: InSegs RetransSegs\n")]
    [InlineData("Tcp: InSegs RetransSegs\nTcp: 1\n")]
    [InlineData("Tcp: InSegs RetransSegs\nUdp: 1 2\n")]
    [InlineData("sockets: used 5\n")]
    public void Lines_that_are_no_pairs_are_an_error_that_names_the_file(string content)
    {
        using var host = new TemporaryHost();
        host.Write("proc/net/snmp", content);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Points(new ProtocolsCollector(host.Paths)));
        Assert.StartsWith($"{host.Paths.Procfs}/net/snmp ", error.Message, StringComparison.Ordinal);
    }
}
