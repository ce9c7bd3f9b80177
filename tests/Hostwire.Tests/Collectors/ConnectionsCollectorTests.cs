using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class ConnectionsCollectorTests
{
    private const string Heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    [Fact]
    public void Counts_the_sockets_of_both_protocols_in_every_state()
    {
        var expected = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["CLOSE"] = 1,
            ["CLOSE_WAIT"] = 23,
            ["CLOSING"] = 1,
            ["DELETE"] = 0,
            ["ESTABLISHED"] = 400 + 60,
            ["FIN_WAIT_1"] = 2,
            ["FIN_WAIT_2"] = 11,
            ["LAST_ACK"] = 5,
            ["LISTEN"] = 40 + 12,
            ["SYN_RECV"] = 7,
            ["SYN_SENT"] = 3,
            ["TIME_WAIT"] = 300 + 20,
        }.ToDictionary(state => $"system.network.connections{{protocol=tcp,state={state.Key}}}", state => state.Value, StringComparer.Ordinal);

        Assert.Equal(expected, Reading.Of(new ConnectionsCollector(HostFixture.Paths("big-128"))));
    }

    [Fact]
    public void A_kernel_without_IPv6_has_the_connections_of_IPv4()
    {
        Dictionary<string, double> values = Reading.Of(new ConnectionsCollector(HostFixture.Paths("container")));

        Assert.Equal(12, values.Count);
        Assert.Equal(2, values.Values.Sum());
        Assert.Equal(1, values["system.network.connections{protocol=tcp,state=LISTEN}"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   0: 0100007F:1F90 00000000:0000 0A 0\n")]
    [InlineData(Heading + "   0: 0100007F:1F90 00000000:0000\n")]
    [InlineData(Heading + "   0: 0100007F:1F90 00000000:0000 00 0\n")]
    [InlineData(Heading + "   0: 0100007F:1F90 00000000:0000 0C 0\n")]
    [InlineData(Heading + "   0: 0100007F:1F90 00000000:0000 FFFFFFFF 0\n")]
    [InlineData(Heading + "   0: 0100007F:1F90 00000000:0000 xy 0\n")]
    public void A_file_that_was_cut_off_or_is_something_else_is_an_error_that_names_it_and_the_next_reading_starts_anew(string tcp)
    {
        using var host = new TemporaryHost();
        host.Write("proc/net/tcp", tcp);
        var collector = new ConnectionsCollector(host.Paths);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Points(collector));
        Assert.StartsWith($"{host.Paths.Procfs}/net/tcp ", error.Message, StringComparison.Ordinal);
        host.Write("proc/net/tcp", Heading);
        Assert.Equal(0, Reading.Of(collector).Values.Sum());
    }

    [Fact]
    public void A_host_without_the_file_is_an_error_that_names_it()
    {
        using var host = new TemporaryHost();
        IOException error = Assert.ThrowsAny<IOException>(() => Reading.Points(new ConnectionsCollector(host.Paths)));
        Assert.StartsWith($"{host.Paths.Procfs}/net/tcp ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Allocates_nothing_however_many_connections_there_are() =>
        Reading.AssertAllocatesNothing(new ConnectionsCollector(HostFixture.Paths("big-128")));
}
