using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

/// <summary>The machine that runs the tests, whatever it is: the files of its kernel are of the form we expect.</summary>
public sealed class LiveHostTests
{
    private static readonly HostPaths Paths = new();

    [Fact]
    public void This_machine_has_a_loopback_interface_and_at_least_one_listening_socket()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();

        Assert.Contains("system.network.io{device=lo,direction=receive}", Reading.Of(new NetworkCollector(Paths)));
        Assert.True(Reading.Of(new ConnectionsCollector(Paths))["system.network.connections{protocol=tcp,state=LISTEN}"] >= 1);
    }

    [Fact]
    public void The_root_of_this_machine_is_as_large_as_the_runtime_says()
    {
        Dictionary<string, double> values = Reading.Of(new FilesystemCollector(new CollectorSetup(Paths)));
        double size = values.Where(value => value.Key.StartsWith("system.filesystem.usage{", StringComparison.Ordinal) && value.Key.Contains("mountpoint=/,", StringComparison.Ordinal)).Sum(value => value.Value);
        Assert.Equal(new DriveInfo("/").TotalSize, size);
    }

    [Fact]
    public void The_disks_of_this_machine_can_be_read_twice()
    {
        var collector = new DiskCollector(Paths);
        Dictionary<string, double> first = Reading.Of(collector);
        Dictionary<string, double> second = Reading.Of(collector);
        Assert.All(first.Where(value => value.Key.StartsWith("system.disk.operations", StringComparison.Ordinal)), value => Assert.True(second[value.Key] >= value.Value));
    }
}
