using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>The series of a network interface.</summary>
internal sealed class InterfaceSeries(string name, SeriesBook book)
{
    private readonly Series[] _series =
    [
        .. from metric in new[] { "io", "packets", "errors", "dropped" }
           from direction in new[] { "receive", "transmit" }
           select book.Make($"system.network.{metric}", name, direction),
    ];

    /// <summary>Adds the points in the order in which the collector does.</summary>
    public void AddPoints(Scrape scrape, in InterfaceCounters counters)
    {
        scrape.Add(_series[0], counters.BytesReceived);
        scrape.Add(_series[1], counters.BytesSent);
        scrape.Add(_series[2], counters.PacketsReceived);
        scrape.Add(_series[3], counters.PacketsSent);
        scrape.Add(_series[4], counters.ReceiveErrors);
        scrape.Add(_series[5], counters.SendErrors);
        scrape.Add(_series[6], counters.ReceiveDrops);
        scrape.Add(_series[7], counters.SendDrops);
    }
}
