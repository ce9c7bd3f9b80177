using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class SystemCollectorTests
{
    [Theory]
    [InlineData("small-vm", 3490)]
    [InlineData("big-128", 7776000)]
    [InlineData("container", 86401)]
    public void Uptime_counts_the_second_that_has_begun(string host, double seconds)
    {
        Dictionary<string, double> values = Reading.Of(new SystemCollector(HostFixture.Paths(host)));

        Assert.Equal(seconds, Assert.Single(values).Value);
        Assert.Equal("system.uptime", values.Keys.Single());
    }

    [Theory]
    [InlineData("")]
    [InlineData("up\n")]
    [InlineData("12.x 3\n")]
    public void Refuses_what_is_not_a_number(string content)
    {
        using var host = new HostTree("container");
        host.Write("proc/uptime", content);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Of(new SystemCollector(host.Paths)));

        Assert.StartsWith($"{host.Paths.Procfs}/uptime ", error.Message, StringComparison.Ordinal);
    }
}
