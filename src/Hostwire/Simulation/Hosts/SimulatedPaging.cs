using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>Page faults, pages moved, and the swap device where there is one.</summary>
internal sealed class SimulatedPaging(SimulatedPaging.Kit kit) : ISimulatedSource
{
    // What the paging collector multiplies every counter with, as the OpenTelemetry Collector does.
    private const long CollectorFactor = 4096;

    private const double FaultsPerSecond = 4000;
    private const double KibPerSecond = 3000;

    private long _pagesIn;
    private long _pagesOut;
    private long _kibIn;
    private long _kibOut;
    private long _minorFaults;
    private long _majorFaults;
    private double _swapped = 0.01;

    /// <inheritdoc/>
    public void Read(in HostMoment moment, Scrape scrape)
    {
        SeededRandom random = moment.Random;
        double work = moment.Seconds * moment.Activity * kit.Cpus;
        _minorFaults += random.Count(work * FaultsPerSecond * random.Unit());
        _majorFaults += random.Count(work * 0.2 * random.Unit());
        _kibIn += random.Count(work * KibPerSecond * random.Unit());
        _kibOut += random.Count(work * KibPerSecond * 2 * random.Unit());
        if (kit.SwapBytes > 0)
        {
            _pagesIn += random.Count(work * 0.05 * random.Unit());
            _pagesOut += random.Count(work * 0.08 * random.Unit());
            _swapped = Math.Clamp(_swapped + (0.0005 * random.Swing()), 0, 0.5);
        }

        scrape.Add(kit.Operations[0], _pagesIn * CollectorFactor);
        scrape.Add(kit.Operations[1], _pagesOut * CollectorFactor);
        scrape.Add(kit.Operations[2], _kibIn * CollectorFactor);
        scrape.Add(kit.Operations[3], _kibOut * CollectorFactor);
        scrape.Add(kit.MajorFaults, _majorFaults * CollectorFactor);
        scrape.Add(kit.MinorFaults, _minorFaults * CollectorFactor);
        if (kit.Swap is { } swap)
        {
            long used = (long)(kit.SwapBytes * _swapped / CollectorFactor) * CollectorFactor;
            scrape.Add(swap[0], used);
            scrape.Add(swap[1], kit.SwapBytes - used);
            scrape.Add(swap[2], Ratio.Of(used, kit.SwapBytes));
            scrape.Add(swap[3], Ratio.Of(kit.SwapBytes - used, kit.SwapBytes));
        }
    }

    /// <inheritdoc/>
    public void Restart(SeededRandom random)
    {
        _pagesIn = _pagesOut = _kibIn = _kibOut = _minorFaults = _majorFaults = 0;
        _swapped = 0;
    }

    /// <summary>What the hosts of a shape share.</summary>
    internal sealed class Kit(HostShape shape, SeriesBook book)
    {
        public int Cpus { get; } = shape.Cpus;

        public long SwapBytes { get; } = shape.SwapKib * 1024;

        public Series[] Operations { get; } =
        [
            book.Make("system.paging.operations", "page_in", "major"), book.Make("system.paging.operations", "page_out", "major"),
            book.Make("system.paging.operations", "page_in", "minor"), book.Make("system.paging.operations", "page_out", "minor"),
        ];

        public Series MinorFaults { get; } = book.Make("system.paging.faults", "minor");

        public Series MajorFaults { get; } = book.Make("system.paging.faults", "major");

        /// <summary>Bytes used and free, then their shares; null where it does not swap.</summary>
        public Series[]? Swap { get; } = shape.SwapKib == 0 ? null :
        [
            book.Make("system.paging.usage", shape.SwapDevice, "used"), book.Make("system.paging.usage", shape.SwapDevice, "free"),
            book.Make("system.paging.utilization", shape.SwapDevice, "used"), book.Make("system.paging.utilization", shape.SwapDevice, "free"),
        ];
    }
}
