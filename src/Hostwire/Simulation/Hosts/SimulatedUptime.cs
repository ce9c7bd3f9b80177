using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>How long the host has been up.</summary>
internal sealed class SimulatedUptime(SimulatedUptime.Kit kit) : ISimulatedSource
{
    /// <inheritdoc/>
    public void Read(in HostMoment moment, Scrape scrape) => scrape.Add(kit.Uptime, Math.Ceiling(moment.Uptime));

    /// <inheritdoc/>
    public void Restart(SeededRandom random)
    {
        // The moment says it.
    }

    /// <summary>What the hosts of a shape share.</summary>
    internal sealed class Kit(SeriesBook book)
    {
        public Series Uptime { get; } = book.Make("system.uptime");
    }
}
