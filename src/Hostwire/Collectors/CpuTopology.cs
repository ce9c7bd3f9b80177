using System.Globalization;

namespace Hostwire.Collectors;

/// <summary>How many cores there are: CPUs that are threads of one core name the same set of CPUs in sysfs.</summary>
internal sealed class CpuTopology(HostPaths paths)
{
    /// <summary>The cores that were online at the last refresh; null where neither sysfs nor cpuinfo tells.</summary>
    public int? CoreCount { get; private set; }

    /// <summary>Counts anew; called when CPUs have come or gone, so that the files are not read at every scrape.</summary>
    public void Refresh(IEnumerable<int> online)
    {
        var cores = new HashSet<string>(StringComparer.Ordinal);
        foreach (int cpu in online)
        {
            string topology = $"{paths.Sysfs}/devices/system/cpu/cpu{cpu}/topology";

            // The second is the older name of the first.
            if ((TryReadAll($"{topology}/core_cpus_list") ?? TryReadAll($"{topology}/thread_siblings_list")) is { } siblings)
            {
                cores.Add(siblings.TrimEnd());
            }
        }

        int count = cores.Count > 0 ? cores.Count : CountInCpuInfo(TryReadAll($"{paths.Procfs}/cpuinfo") ?? "");
        CoreCount = count > 0 ? count : null;
    }

    /// <summary>The cores of all sockets by cpuinfo's <c>physical id</c> and <c>cpu cores</c>; 0 where it has none, as on Arm.</summary>
    internal static int CountInCpuInfo(string content)
    {
        var coresBySocket = new Dictionary<string, int>(StringComparer.Ordinal);
        string? socket = null;
        foreach (string line in content.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string name = colon < 0 ? "" : line[..colon].TrimEnd();
            string value = colon < 0 ? "" : line[(colon + 1)..].Trim();
            switch (name)
            {
                case "physical id":
                    socket = value;
                    break;
                case "cpu cores" when socket is not null && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int cores):
                    coresBySocket[socket] = cores;
                    break;
                case "":
                    // An empty line ends a CPU.
                    socket = null;
                    break;
            }
        }

        return coresBySocket.Values.Sum();
    }

    private static string? TryReadAll(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A container may hide it, and a CPU may go between two readings: both mean that this path does not tell.
            return null;
        }
    }
}
