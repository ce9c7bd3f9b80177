using Hostwire.Monitoring;

namespace Hostwire.Collectors;

/// <summary>What a collector is made for.</summary>
/// <param name="Paths">Where the host's files lie.</param>
public sealed record CollectorSetup(HostPaths Paths)
{
    /// <summary>What the agent knows of itself; empty where none runs for long.</summary>
    internal IReadOnlyList<BoundMetric> Self { get; init; } = [];

    /// <summary>Whether each CPU has series of its own, or all together have one.</summary>
    public bool PerCpu { get; init; } = true;

    /// <summary>How many programs the collector top sends by CPU, and how many by memory.</summary>
    public int TopProcesses { get; init; } = 5;

    /// <summary>Which network interfaces are wanted.</summary>
    public NameFilter Interfaces { get; init; } = NameFilter.All;

    /// <summary>Which disks are wanted.</summary>
    public NameFilter Disks { get; init; } = NameFilter.All;

    /// <summary>Which mount points are wanted.</summary>
    public NameFilter Mounts { get; init; } = NameFilter.All;

    /// <summary>Which types of file systems are wanted; where it does not say, those that lie on a device.</summary>
    public NameFilter Filesystems { get; init; } = NameFilter.All;
}
