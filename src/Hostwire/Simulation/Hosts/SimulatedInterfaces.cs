using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>The network interfaces of a host, and how many connections its firewall tracks.</summary>
internal sealed class SimulatedInterfaces(SimulatedInterfaces.Kit kit) : ISimulatedSource
{
    private readonly InterfaceCounters[] _counters = new InterfaceCounters[kit.Interfaces.Length];
    private double _tracked;

    /// <inheritdoc/>
    public void Read(in HostMoment moment, Scrape scrape)
    {
        for (int number = 0; number < _counters.Length; number++)
        {
            _counters[number].Pass(moment, kit.Shapes[number].BytesPerSecond);
            kit.Interfaces[number].AddPoints(scrape, _counters[number]);
        }

        if (kit.ConntrackMax > 0)
        {
            double target = kit.ConntrackMax * 0.25 * moment.Activity;
            _tracked += ((target - _tracked) * Math.Min(1, moment.Seconds / 120)) + (target * 0.02 * moment.Random.Swing());
            scrape.Add(kit.ConntrackCount, (long)Math.Clamp(_tracked, 0, kit.ConntrackMax));
            scrape.Add(kit.ConntrackLimit, kit.ConntrackMax);
        }
    }

    /// <inheritdoc/>
    public void Restart(SeededRandom random)
    {
        Array.Clear(_counters);
        _tracked = 0;
    }

    /// <summary>What the hosts of a shape share.</summary>
    internal sealed class Kit(HostShape shape, SeriesBook book)
    {
        public InterfaceShape[] Shapes { get; } = shape.Interfaces;

        public InterfaceSeries[] Interfaces { get; } = [.. shape.Interfaces.Select(device => new InterfaceSeries(device.Name, book))];

        public long ConntrackMax { get; } = shape.ConntrackMax;

        public Series ConntrackCount { get; } = book.Make("system.network.conntrack.count");

        public Series ConntrackLimit { get; } = book.Make("system.network.conntrack.max");
    }
}
