using Hostwire.Agent.Spool;

namespace Hostwire.Tests.Agent;

public sealed class SpoolLocationTests
{
    [Theory]
    [InlineData("/var/lib/hostwire-agent/spool.db", true, "STATE_DIRECTORY=/var/lib/hostwire-agent:/var/lib/other", "HOME=/root")]
    [InlineData("/var/lib/hostwire/spool.db", true, "HOME=/root")]
    [InlineData("/home/a/.local/state/hostwire/spool.db", false, "HOME=/home/a")]
    [InlineData("/state/hostwire/spool.db", false, "HOME=/home/a", "XDG_STATE_HOME=/state")]
    [InlineData("/home/a/.local/state/hostwire/spool.db", false, "HOME=/home/a", "XDG_STATE_HOME=relative")]
    public void Spool_lies_where_state_belongs(string expected, bool isRoot, params string[] environment) =>
        Assert.Equal(expected, SpoolLocation.Default(environment.ToDictionary(pair => pair.Split('=')[0], pair => pair.Split('=')[1], StringComparer.Ordinal), isRoot));
}
