using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>The mounted file systems: they fill, and now and then somebody cleans up.</summary>
internal sealed class SimulatedFilesystems : ISimulatedSource
{
    private const double SecondsPerDay = 86_400;
    private const double GrowthPerDay = 0.01;
    private const double FullAt = 0.93;

    private readonly Kit _kit;
    private readonly double[] _used;

    public SimulatedFilesystems(Kit kit, SeededRandom random)
    {
        _kit = kit;
        _used = [.. kit.Mounts.Select(mount => Math.Clamp(mount.Shape.UsedShare * random.Between(0.7, 1.3), 0.01, FullAt))];
    }

    /// <inheritdoc/>
    public void Read(in HostMoment moment, Scrape scrape)
    {
        for (int number = 0; number < _used.Length; number++)
        {
            SeededRandom random = moment.Random;
            double growth = GrowthPerDay * moment.Activity * Math.Min(SecondsPerDay, moment.Seconds) / SecondsPerDay;
            _used[number] += (growth * random.Between(0, 4)) + (0.00002 * random.Swing());
            _used[number] = _used[number] > FullAt ? FullAt * 0.8 : Math.Max(0.005, _used[number]);
            _kit.Mounts[number].AddPoints(scrape, _used[number]);
        }
    }

    /// <inheritdoc/>
    public void Restart(SeededRandom random)
    {
        // Files outlive a reboot.
    }

    /// <summary>What the hosts of a shape share.</summary>
    internal sealed class Kit(HostShape shape, SeriesBook book)
    {
        public Mount[] Mounts { get; } = [.. shape.Mounts.Select(mount => new Mount(mount, book))];
    }

    /// <summary>A mount and its series.</summary>
    internal sealed class Mount(MountShape shape, SeriesBook book)
    {
        private const long BlockBytes = 4096;

        private readonly Series[] _usage = [.. new[] { "used", "free", "reserved" }.Select(state => Make("system.filesystem.usage", state, shape, book))];
        private readonly Series[] _inodes = [.. new[] { "used", "free" }.Select(state => Make("system.filesystem.inodes.usage", state, shape, book))];
        private readonly Series _utilization = book.Make("system.filesystem.utilization", shape.Device, "rw", shape.MountPoint, shape.Type);

        public MountShape Shape { get; } = shape;

        public void AddPoints(Scrape scrape, double usedShare)
        {
            long reserved = (long)(Shape.Blocks * Shape.ReservedShare) * BlockBytes;
            long whole = Shape.Blocks * BlockBytes;
            long used = (long)((Shape.Blocks - (Shape.Blocks * Shape.ReservedShare)) * usedShare) * BlockBytes;
            long free = whole - reserved - used;
            scrape.Add(_usage[0], used);
            scrape.Add(_usage[1], free);
            scrape.Add(_usage[2], reserved);
            scrape.Add(_utilization, Ratio.Of(used, used + free));
            if (Shape.Inodes > 0)
            {
                long inodes = (long)(Shape.Inodes * usedShare * 0.3);
                scrape.Add(_inodes[0], inodes);
                scrape.Add(_inodes[1], Shape.Inodes - inodes);
            }
        }

        private static Series Make(string metric, string state, MountShape shape, SeriesBook book) =>
            book.Make(metric, shape.Device, "rw", shape.MountPoint, state, shape.Type);
    }
}
