using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>Swap devices from <c>/proc/swaps</c>; page faults, pages moved and kills for want of memory from <c>/proc/vmstat</c>.</summary>
public sealed class PagingCollector(HostPaths paths) : ICollector
{
    // The Collector's library takes every one of these counters for pages of 4 KiB and multiplies, also the faults, which are a count, and
    // pgpgin and pgpgout, which are in KiB. Wrong as that is, a host of ours beside a host of theirs would be worse; docs/metrics.md says it.
    private const long CollectorFactor = 4096;

    private static Metric Usage { get; } = new()
    {
        Name = "system.paging.usage",
        Unit = "By",
        Kind = MetricKind.UpDown,
        IsInteger = true,
        Description = "Swap space in a state, by swap device or file.",
        Source = "/proc/swaps",
        AttributeKeys = ["device", "state"],
    };

    private static Metric Utilization { get; } = new()
    {
        Name = "system.paging.utilization",
        Unit = "1",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = "Share of a swap device or file that is in a state, 0 to 1.",
        Source = "/proc/swaps",
        AttributeKeys = ["device", "state"],
    };

    private static Metric Operations { get; } = new()
    {
        Name = "system.paging.operations",
        Unit = "{operations}",
        Kind = MetricKind.Counter,
        IsInteger = true,
        Description = "Swapping (major) and all block input and output (minor) since the start, times 4096 as the Collector sends it.",
        Source = "/proc/vmstat",
        AttributeKeys = ["direction", "type"],
    };

    private static Metric Faults { get; } = new()
    {
        Name = "system.paging.faults",
        Unit = "{faults}",
        Kind = MetricKind.Counter,
        IsInteger = true,
        Description = "Page faults since the start that needed the disk (major) or did not (minor), times 4096 as the Collector sends it.",
        Source = "/proc/vmstat",
        AttributeKeys = ["type"],
    };

    private static Metric OomKills { get; } = new()
    {
        Name = "hostwire.memory.oom_kills",
        Unit = "{kill}",
        Kind = MetricKind.Counter,
        IsInteger = true,
        Description = "Processes that the kernel has killed for want of memory, of the host or of a container.",
        Source = "/proc/vmstat",
    };

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "paging",
        "Swap space by device, pages moved, page faults, kills for want of memory.",
        IntervalSeconds: 10,
        [Usage, Utilization, Operations, Faults, OomKills],
        setup => new PagingCollector(setup.Paths));

    private readonly KernelFile _vmstat = new($"{paths.Procfs}/vmstat");
    private readonly KernelFile _swaps = new($"{paths.Procfs}/swaps");
    private readonly NamedNumbers _counters = new("pswpin", "pswpout", "pgpgin", "pgpgout", "pgfault", "pgmajfault", "oom_kill");
    private readonly Series[] _operations =
    [
        new(Operations, "page_in", "major"), new(Operations, "page_out", "major"), new(Operations, "page_in", "minor"), new(Operations, "page_out", "minor"),
    ];

    private readonly Series _minorFaults = new(Faults, "minor");
    private readonly Series _majorFaults = new(Faults, "major");
    private readonly Series _oomKills = new(OomKills);
    private readonly DeviceTable<SwapDevice> _devices = new(name => new SwapDevice(name));

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        CollectCounters(scrape);

        // A kernel without swap has no such file; one whose swap is off has no lines in it.
        if (_swaps.TryRead(out ReadOnlySpan<byte> content))
        {
            CollectDevices(content, scrape);
        }
    }

    private void CollectCounters(Scrape scrape)
    {
        _counters.Parse(_vmstat.Read());
        if (_counters[4] is not { } faults || _counters[5] is not { } majorFaults)
        {
            throw new InvalidDataException($"{_vmstat.Path} has no pgfault or no pgmajfault.");
        }

        // The four of the operations stand first, in the same order; a kernel built without swap or block devices lacks some.
        for (int i = 0; i < _operations.Length; i++)
        {
            if (_counters[i] is { } count)
            {
                scrape.Add(_operations[i], count * CollectorFactor);
            }
        }

        scrape.Add(_majorFaults, majorFaults * CollectorFactor);
        scrape.Add(_minorFaults, (faults - majorFaults) * CollectorFactor);

        // Since Linux 4.13.
        if (_counters[6] is { } kills)
        {
            scrape.Add(_oomKills, kills);
        }
    }

    private void CollectDevices(ReadOnlySpan<byte> content, Scrape scrape)
    {
        if (!KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line) || !line.StartsWith("Filename"u8))
        {
            throw new InvalidDataException($"{_swaps.Path} does not begin with its heading.");
        }

        _devices.BeginPass();
        while (KernelText.TryTakeLine(ref content, out line))
        {
            if (!TryParseDevice(line, out ReadOnlySpan<byte> name, out long size, out long used))
            {
                throw new InvalidDataException($"{_swaps.Path} has a line that is not a name, a type, a size and what is used of it.");
            }

            _devices.See(name)?.AddPoints(scrape, size, used);
        }

        _devices.EndPass();
    }

    /// <summary>Reads <c>/dev/vdb partition 2097148 4096 -2</c>, which is in KiB; gives bytes.</summary>
    internal static bool TryParseDevice(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out long size, out long used)
    {
        name = KernelText.TakeField(ref line);
        KernelText.TakeField(ref line);
        bool parsed = KernelText.TryTakeNumber(ref line, out ulong sizeKib) & KernelText.TryTakeNumber(ref line, out ulong usedKib) && usedKib <= sizeKib;
        size = (long)sizeKib * 1024;
        used = (long)usedKib * 1024;
        return parsed;
    }

    private sealed class SwapDevice(string name)
    {
        private readonly Series _used = new(Usage, name, "used");
        private readonly Series _free = new(Usage, name, "free");
        private readonly Series _usedShare = new(Utilization, name, "used");
        private readonly Series _freeShare = new(Utilization, name, "free");

        public void AddPoints(Scrape scrape, long size, long used)
        {
            scrape.Add(_used, used);
            scrape.Add(_free, size - used);
            if (size > 0)
            {
                scrape.Add(_usedShare, Ratio.Of(used, size));
                scrape.Add(_freeShare, Ratio.Of(size - used, size));
            }
        }
    }
}
