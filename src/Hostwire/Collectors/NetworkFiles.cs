namespace Hostwire.Collectors;

/// <summary>Where the files of <c>/proc/net</c> lie.</summary>
internal static class NetworkFiles
{
    /// <summary>The path of such a file, e.g. <c>dev</c>: as the host's first process sees it, else as we do.</summary>
    /// <remarks>
    /// <c>/proc/net</c> shows the network of whoever reads it. An agent in a container that was given the host's <c>/proc</c> would see its own
    /// few interfaces there; the first process of that <c>/proc</c> has the host's. It is hidden from us under <c>hidepid=2</c>.
    /// </remarks>
    public static string PathOf(HostPaths paths, string name)
    {
        string ofFirstProcess = $"{paths.Procfs}/1/net/{name}";
        return File.Exists(ofFirstProcess) ? ofFirstProcess : $"{paths.Procfs}/net/{name}";
    }
}
