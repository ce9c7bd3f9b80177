using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>TCP sockets by state.</summary>
internal sealed class SimulatedConnections(SimulatedConnections.Kit kit) : ISimulatedSource
{
    private double _established = 1;

    /// <inheritdoc/>
    public void Read(in HostMoment moment, Scrape scrape)
    {
        SeededRandom random = moment.Random;
        double target = kit.Connections * moment.Activity;
        _established = Math.Max(1, _established + ((target - _established) * Math.Min(1, moment.Seconds / 180)) + (target * 0.05 * random.Swing()));
        for (int state = 0; state < kit.Series.Length; state++)
        {
            scrape.Add(kit.Series[state], TcpState.Names[state] switch
            {
                "ESTABLISHED" => (long)_established,
                "TIME_WAIT" => random.Count(_established * 0.4 * random.Unit()),
                "LISTEN" => Kit.Listening,
                "CLOSE_WAIT" or "FIN_WAIT_2" or "SYN_SENT" => random.Count(_established * 0.01 * random.Unit()),
                _ => 0L,
            });
        }
    }

    /// <inheritdoc/>
    public void Restart(SeededRandom random) => _established = 1;

    /// <summary>What the hosts of a shape share.</summary>
    internal sealed class Kit(HostShape shape, SeriesBook book)
    {
        public const long Listening = 9;

        public int Connections { get; } = shape.Connections;

        public Series[] Series { get; } = [.. TcpState.Names.Select(state => book.Make("system.network.connections", "tcp", state))];
    }
}
