namespace Hostwire.Simulation.Hosts;

/// <summary>What the hosts of one shape have in common: their devices, and how much each of them does when it is busy.</summary>
internal sealed record HostShape
{
    /// <summary>As <c>--shapes</c> and the hosts' names have it.</summary>
    public required string Name { get; init; }

    /// <summary>One line for people.</summary>
    public required string Description { get; init; }

    /// <summary>How many hosts of a mixed fleet are like this, compared with the other shapes.</summary>
    public required int Weight { get; init; }

    /// <summary>CPUs as programs see them.</summary>
    public required int Cpus { get; init; }

    /// <summary>CPUs of one core.</summary>
    public required int ThreadsPerCore { get; init; }

    /// <summary>Frequency without load, in kHz.</summary>
    public required long BaseKilohertz { get; init; }

    /// <summary>Frequency at full load, in kHz; of a virtual machine the same, since it sees no other.</summary>
    public required long TurboKilohertz { get; init; }

    /// <summary>Whether other machines take CPU time from it.</summary>
    public required bool IsVirtual { get; init; }

    /// <summary>Memory that the kernel manages, in KiB.</summary>
    public required long MemoryKib { get; init; }

    /// <summary>Swap space on <see cref="SwapDevice"/>, in KiB; 0: there is none.</summary>
    public long SwapKib { get; init; }

    /// <summary>Where it swaps to.</summary>
    public string SwapDevice { get; init; } = "";

    /// <summary>Huge pages of 2 MiB in the pool.</summary>
    public long HugePages { get; init; }

    /// <summary>Disks.</summary>
    public required DiskShape[] Disks { get; init; }

    /// <summary>Network interfaces.</summary>
    public required InterfaceShape[] Interfaces { get; init; }

    /// <summary>Mounted file systems.</summary>
    public required MountShape[] Mounts { get; init; }

    /// <summary>How many connections the firewall can track; 0: it tracks none.</summary>
    public long ConntrackMax { get; init; }

    /// <summary>Whether it has a veth interface for each container, where the fleet is asked for them.</summary>
    public bool HasContainers { get; init; }

    /// <summary>Processes, those of the kernel included.</summary>
    public required int Processes { get; init; }

    /// <summary>TCP connections that are established when it is busy.</summary>
    public required int Connections { get; init; }
}
