using Hostwire.Agent;

namespace Hostwire.Simulation.Hosts;

/// <summary>All hosts of a fleet, and the order in which they are due: each at its own phase of the interval, as agents are.</summary>
internal sealed class Fleet
{
    private const int SlowEvery = 3;

    private readonly (long First, long Phase, SimulatedHost Host)[] _hosts;
    private readonly long _interval;

    /// <summary>Makes every host.</summary>
    public Fleet(FleetRequest request)
    {
        var book = new SeriesBook();
        Dictionary<string, ShapeKit> kits = HostShapes.All.ToDictionary(shape => shape.Name, shape => new ShapeKit(shape, book), StringComparer.Ordinal);
        _interval = request.Interval.Ticks;
        long start = (request.Start - DateTimeOffset.UnixEpoch).Ticks;
        _hosts = [.. request.Mix.Take(request.Hosts).Select((shape, number) => Place(new SimulatedHost(kits[shape.Name], request, number), start))];

        // Of hosts that are due in the same moment the one with the lower number goes first: the sort is stable.
        _hosts = [.. _hosts.OrderBy(host => host.First)];
    }

    /// <summary>How many hosts there are.</summary>
    public int Count => _hosts.Length;

    /// <summary>The hosts, in the order in which they are due.</summary>
    public IEnumerable<SimulatedHost> Hosts => _hosts.Select(host => host.Host);

    /// <summary>The reading with this number, counted from 0 over the whole fleet; later ones are never due before earlier ones.</summary>
    public FleetTick TickAt(long number)
    {
        (long round, long place) = Math.DivRem(number, _hosts.Length);
        (long first, long phase, SimulatedHost host) = _hosts[place];
        long time = first + (round * _interval);
        return new FleetTick(host, time, (time - phase) % (SlowEvery * _interval) == 0);
    }

    // The grid of the agent: multiples of the interval since 1970, moved by the phase that the host's identity gives.
    private (long First, long Phase, SimulatedHost Host) Place(SimulatedHost host, long start)
    {
        long phase = HostPhase.Of(host.Identity).Ticks;
        long rest = (start - phase) % _interval;
        return (rest == 0 ? start : start - rest + _interval, phase, host);
    }
}
