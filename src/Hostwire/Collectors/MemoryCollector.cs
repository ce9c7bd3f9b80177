using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>How the memory is used, from <c>/proc/meminfo</c>.</summary>
public sealed class MemoryCollector(HostPaths paths) : ICollector
{
    private const string HugePagesState = "system.memory.linux.hugepages.state";

    private static Metric Usage { get; } = Sum("system.memory.usage", "By", "Memory in a state; cached includes slab_reclaimable, and used is all that is not available.") with
    {
        AttributeKeys = ["state"],
    };

    private static Metric Utilization { get; } = Gauge("system.memory.utilization", "1", "Share of the memory that is in a state, 0 to 1.") with
    {
        IsInteger = false,
        AttributeKeys = ["state"],
    };

    private static Metric Limit { get; } = Sum("system.memory.limit", "By", "Memory that the kernel manages.");

    private static Metric Available { get; } = Sum("system.linux.memory.available", "By", "Memory that new programs can have without swapping, as the kernel reckons.");

    private static Metric Dirty { get; } = Sum("system.linux.memory.dirty", "By", "Memory that waits to be written to disk.");

    private static Metric Shared { get; } = Sum("system.memory.linux.shared", "By", "Memory in tmpfs and in shared segments.");

    private static Metric PageSize { get; } = Gauge("system.memory.page_size", "By", "Size of a page.") with { Source = "sysconf(_SC_PAGESIZE)" };

    private static Metric HugePagesLimit { get; } = Sum("system.memory.linux.hugepages.limit", "{page}", "Huge pages of the default size in the pool.");

    private static Metric HugePagesPageSize { get; } = Gauge("system.memory.linux.hugepages.page_size", "By", "Default size of a huge page.");

    private static Metric HugePagesReserved { get; } = Gauge("system.memory.linux.hugepages.reserved", "{page}", "Huge pages promised to programs that have not touched them yet; they are among the free ones.");

    private static Metric HugePagesSurplus { get; } = Gauge("system.memory.linux.hugepages.surplus", "{page}", "Huge pages beyond the size set for the pool.");

    private static Metric HugePagesUsage { get; } = Sum("system.memory.linux.hugepages.usage", "{page}", "Huge pages in a state.") with
    {
        AttributeKeys = [HugePagesState],
    };

    private static Metric HugePagesUtilization { get; } = Gauge("system.memory.linux.hugepages.utilization", "1", "Share of the huge pages that is in a state, 0 to 1.") with
    {
        IsInteger = false,
        AttributeKeys = [HugePagesState],
    };

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "memory",
        "Memory by state, available, dirty and shared memory, huge pages.",
        IntervalSeconds: 10,
        [
            Usage, Utilization, Limit, Available, Dirty, Shared, PageSize,
            HugePagesLimit, HugePagesPageSize, HugePagesReserved, HugePagesSurplus, HugePagesUsage, HugePagesUtilization,
        ],
        setup => new MemoryCollector(setup.Paths));

    private readonly KernelFile _file = new($"{paths.Procfs}/meminfo");
    private readonly MemoryInfo _info = new();
    private readonly StateSeries _used = new("used");
    private readonly StateSeries _free = new("free");
    private readonly StateSeries _buffered = new("buffered");
    private readonly StateSeries _cached = new("cached");
    private readonly StateSeries _slabReclaimable = new("slab_reclaimable");
    private readonly StateSeries _slabUnreclaimable = new("slab_unreclaimable");
    private readonly Series _limit = new(Limit);
    private readonly Series _available = new(Available);
    private readonly Series _dirty = new(Dirty);
    private readonly Series _shared = new(Shared);
    private readonly Series _pageSize = new(PageSize);
    private readonly Series _hugePagesLimit = new(HugePagesLimit);
    private readonly Series _hugePagesPageSize = new(HugePagesPageSize);
    private readonly Series _hugePagesReserved = new(HugePagesReserved);
    private readonly Series _hugePagesSurplus = new(HugePagesSurplus);
    private readonly Series _hugePagesFree = new(HugePagesUsage, "free");
    private readonly Series _hugePagesUsed = new(HugePagesUsage, "used");
    private readonly Series _hugePagesFreeShare = new(HugePagesUtilization, "free");
    private readonly Series _hugePagesUsedShare = new(HugePagesUtilization, "used");

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        if (!_info.TryParse(_file.Read()))
        {
            throw new InvalidDataException($"{_file.Path} has no MemTotal or no MemFree.");
        }

        AddState(scrape, _used, _info.Used);
        AddState(scrape, _free, _info.Free);
        AddState(scrape, _buffered, _info.Buffered);
        AddState(scrape, _cached, _info.Cached);
        AddState(scrape, _slabReclaimable, _info.SlabReclaimable);
        AddState(scrape, _slabUnreclaimable, _info.SlabUnreclaimable);
        Add(scrape, _limit, _info.Total);
        Add(scrape, _available, _info.Available);
        Add(scrape, _dirty, _info.Dirty);
        Add(scrape, _shared, _info.Shared);
        Add(scrape, _pageSize, Environment.SystemPageSize);
        AddHugePages(scrape);
    }

    private void AddState(Scrape scrape, StateSeries series, long? bytes)
    {
        if (bytes is { } present)
        {
            scrape.Add(series.Usage, present);
            scrape.Add(series.Utilization, Ratio.Of(present, _info.Total));
        }
    }

    private void AddHugePages(Scrape scrape)
    {
        Add(scrape, _hugePagesLimit, _info.HugePagesTotal);
        Add(scrape, _hugePagesPageSize, _info.HugePageSize);
        Add(scrape, _hugePagesReserved, _info.HugePagesReserved);
        Add(scrape, _hugePagesSurplus, _info.HugePagesSurplus);
        if (_info.HugePagesTotal is not { } total || _info.HugePagesFree is not { } free)
        {
            return;
        }

        scrape.Add(_hugePagesFree, free);
        scrape.Add(_hugePagesUsed, total - free);
        if (total > 0)
        {
            scrape.Add(_hugePagesFreeShare, (double)free / total);
            scrape.Add(_hugePagesUsedShare, (double)(total - free) / total);
        }
    }

    private static void Add(Scrape scrape, Series series, long? value)
    {
        if (value is { } present)
        {
            scrape.Add(series, present);
        }
    }

    private static Metric Sum(string name, string unit, string description) => Gauge(name, unit, description) with { Kind = MetricKind.UpDown };

    private static Metric Gauge(string name, string unit, string description) => new()
    {
        Name = name,
        Unit = unit,
        Kind = MetricKind.Gauge,
        IsInteger = true,
        Description = description,
        Source = "/proc/meminfo",
    };

    private sealed class StateSeries(string state)
    {
        public Series Usage { get; } = new(MemoryCollector.Usage, state);

        public Series Utilization { get; } = new(MemoryCollector.Utilization, state);
    }
}
