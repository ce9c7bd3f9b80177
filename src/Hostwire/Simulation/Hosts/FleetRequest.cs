namespace Hostwire.Simulation.Hosts;

/// <summary>Which fleet to simulate. The same request makes the same records, to the byte.</summary>
internal sealed record FleetRequest
{
    /// <summary>What all random numbers come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many hosts.</summary>
    public int Hosts { get; init; } = 100;

    /// <summary>What the hosts' names begin with.</summary>
    public string Prefix { get; init; } = "sim";

    /// <summary>How many hosts are of each shape.</summary>
    public ShapeMix Mix { get; init; } = ShapeMix.Usual;

    /// <summary>Time between two scrapes of a host. Every third of them brings the slow collectors' points too.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Nothing is read before this; whole microseconds.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Mean time between two reboots of a host; infinite: none reboots.</summary>
    public TimeSpan RebootEvery { get; init; } = TimeSpan.FromDays(10);

    /// <summary>Processes that each host reports one by one; at every scrape some of them are new. 0: none.</summary>
    public int Processes { get; init; }

    /// <summary>Interfaces of containers that each container host has; they come and go. 0: none.</summary>
    public int Veths { get; init; }
}
