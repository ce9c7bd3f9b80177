using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

/// <summary>The hosts of <c>fixtures/hosts</c>.</summary>
internal static class HostFixture
{
    /// <summary>Where the files of the host lie.</summary>
    public static HostPaths Paths(string host)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "fixtures", "hosts", host);
        return new HostPaths($"{folder}/proc", $"{folder}/sys", $"{folder}/root");
    }
}
