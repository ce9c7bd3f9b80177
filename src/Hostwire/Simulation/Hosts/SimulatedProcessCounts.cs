using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>How many processes there are, by state, and how many were started.</summary>
internal sealed class SimulatedProcessCounts(SimulatedProcessCounts.Kit kit) : ISimulatedSource
{
    private const double StartedPerSecond = 3;

    private long _created;

    /// <inheritdoc/>
    public void Read(in HostMoment moment, Scrape scrape)
    {
        SeededRandom random = moment.Random;
        _created += random.Count(moment.Seconds * StartedPerSecond * random.Between(0.2, 2) * (0.2 + moment.Activity));
        long running = 1 + random.Count(kit.Cpus * moment.Activity * random.Between(0.5, 1.2));
        long idle = kit.Processes * 2 / 5;
        scrape.Add(kit.Count[0], running);
        scrape.Add(kit.Count[1], random.Count(moment.Activity * random.Unit()));
        scrape.Add(kit.Count[2], kit.Processes - idle + random.Count(10 * random.Unit()));
        scrape.Add(kit.Count[3], idle);
        scrape.Add(kit.Count[4], 0L);
        scrape.Add(kit.Count[5], random.Chance(0.02) ? 1L : 0L);
        scrape.Add(kit.Count[6], 0L);
        scrape.Add(kit.Created, _created);
    }

    /// <inheritdoc/>
    public void Restart(SeededRandom random) => _created = 0;

    /// <summary>What the hosts of a shape share.</summary>
    internal sealed class Kit(HostShape shape, SeriesBook book)
    {
        public int Cpus { get; } = shape.Cpus;

        public int Processes { get; } = shape.Processes;

        public Series[] Count { get; } =
            [.. new[] { "running", "blocked", "sleeping", "idle", "stopped", "zombies", "unknown" }.Select(status => book.Make("system.processes.count", status))];

        public Series Created { get; } = book.Make("system.processes.created");
    }
}
