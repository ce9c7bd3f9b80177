using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>Memory: what programs use follows their work slowly, the page cache takes most of the rest, and all of it adds up to the whole.</summary>
internal sealed class SimulatedMemory(SimulatedMemory.Kit kit) : ISimulatedSource
{
    private const double ProgramsAtRest = 0.15;
    private const double ProgramsBusy = 0.55;
    private const double CacheMax = 0.6;

    // How many seconds it takes until little is left of the difference.
    private const double ProgramsSettle = 300;
    private const double CacheSettle = 3600;

    // Shares of the memory that is not huge pages.
    private double _programs = ProgramsAtRest;
    private double _cache = 0.02;

    /// <inheritdoc/>
    public void Read(in HostMoment moment, Scrape scrape)
    {
        SeededRandom random = moment.Random;
        double programs = ProgramsAtRest + ((ProgramsBusy - ProgramsAtRest) * moment.Activity);
        _programs += ((programs - _programs) * Math.Min(1, moment.Seconds / ProgramsSettle)) + (0.002 * random.Swing());
        _programs = Math.Clamp(_programs, 0.05, 0.8);
        double cacheMax = Math.Min(CacheMax, 0.9 - _programs);
        _cache += ((cacheMax - _cache) * Math.Min(1, moment.Seconds / CacheSettle)) + (0.002 * random.Swing());
        _cache = Math.Clamp(_cache, 0.01, cacheMax);

        long usable = kit.Total - (kit.HugePages * Kit.HugePageBytes);
        long slabReclaimable = Pages(usable * 0.025 * (1 + (0.01 * random.Swing())));
        long slabUnreclaimable = Pages(usable * 0.012 * (1 + (0.01 * random.Swing())));
        long buffered = Pages(usable * 0.008);
        long pageCache = Pages(usable * _cache);
        long shared = Pages(usable * 0.004);
        long free = Math.Max(Pages(usable * 0.01), Pages(usable - (usable * _programs) - pageCache - slabReclaimable - slabUnreclaimable - buffered));
        long available = free + Pages((pageCache + buffered - shared) * 0.95) + Pages(slabReclaimable * 0.5);

        AddState(scrape, 0, kit.Total - available);
        AddState(scrape, 1, free);
        AddState(scrape, 2, buffered);
        AddState(scrape, 3, pageCache + slabReclaimable);
        AddState(scrape, 4, slabReclaimable);
        AddState(scrape, 5, slabUnreclaimable);
        scrape.Add(kit.Limit, kit.Total);
        scrape.Add(kit.Available, available);
        scrape.Add(kit.Dirty, Pages(usable * 0.0004 * moment.Activity * random.Unit()));
        scrape.Add(kit.Shared, shared);
        scrape.Add(kit.PageSize, Kit.PageBytes);
        AddHugePages(scrape);
    }

    /// <inheritdoc/>
    public void Restart(SeededRandom random) => (_programs, _cache) = (ProgramsAtRest, 0.02);

    private static long Pages(double bytes) => (long)(bytes / Kit.PageBytes) * Kit.PageBytes;

    private void AddState(Scrape scrape, int state, long bytes)
    {
        scrape.Add(kit.Usage[state], bytes);
        scrape.Add(kit.Utilization[state], Ratio.Of(bytes, kit.Total));
    }

    // A database takes its huge pages at its start and keeps them.
    private void AddHugePages(Scrape scrape)
    {
        long used = kit.HugePages * 3 / 4;
        scrape.Add(kit.HugePagesLimit, kit.HugePages);
        scrape.Add(kit.HugePagesSize, Kit.HugePageBytes);
        scrape.Add(kit.HugePagesReserved, 0L);
        scrape.Add(kit.HugePagesSurplus, 0L);
        scrape.Add(kit.HugePagesFree, kit.HugePages - used);
        scrape.Add(kit.HugePagesUsed, used);
        if (kit.HugePages > 0)
        {
            scrape.Add(kit.HugePagesFreeShare, (double)(kit.HugePages - used) / kit.HugePages);
            scrape.Add(kit.HugePagesUsedShare, (double)used / kit.HugePages);
        }
    }

    /// <summary>What the hosts of a shape share.</summary>
    internal sealed class Kit(HostShape shape, SeriesBook book)
    {
        public const long PageBytes = 4096;
        public const long HugePageBytes = 2 * 1024 * 1024;

        private static readonly string[] States = ["used", "free", "buffered", "cached", "slab_reclaimable", "slab_unreclaimable"];

        public long Total { get; } = shape.MemoryKib * 1024;

        public long HugePages { get; } = shape.HugePages;

        public Series[] Usage { get; } = [.. States.Select(state => book.Make("system.memory.usage", state))];

        public Series[] Utilization { get; } = [.. States.Select(state => book.Make("system.memory.utilization", state))];

        public Series Limit { get; } = book.Make("system.memory.limit");

        public Series Available { get; } = book.Make("system.linux.memory.available");

        public Series Dirty { get; } = book.Make("system.linux.memory.dirty");

        public Series Shared { get; } = book.Make("system.memory.linux.shared");

        public Series PageSize { get; } = book.Make("system.memory.page_size");

        public Series HugePagesLimit { get; } = book.Make("system.memory.linux.hugepages.limit");

        public Series HugePagesSize { get; } = book.Make("system.memory.linux.hugepages.page_size");

        public Series HugePagesReserved { get; } = book.Make("system.memory.linux.hugepages.reserved");

        public Series HugePagesSurplus { get; } = book.Make("system.memory.linux.hugepages.surplus");

        public Series HugePagesFree { get; } = book.Make("system.memory.linux.hugepages.usage", "free");

        public Series HugePagesUsed { get; } = book.Make("system.memory.linux.hugepages.usage", "used");

        public Series HugePagesFreeShare { get; } = book.Make("system.memory.linux.hugepages.utilization", "free");

        public Series HugePagesUsedShare { get; } = book.Make("system.memory.linux.hugepages.utilization", "used");
    }
}
