using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>What the container in which the agent runs may use, uses, and was held back from: its control group (version 2).</summary>
/// <remarks>On a host itself there is none to see: the root group has no limits. Nor is version 1 of control groups read.</remarks>
public sealed class ContainerCollector(HostPaths paths) : ICollector
{
    private static Metric CpuTime { get; } = new()
    {
        Name = "container.cpu.time",
        Unit = "s",
        Kind = MetricKind.Counter,
        IsInteger = false,
        Description = "CPU time that the container's processes have used.",
        Source = "/sys/fs/cgroup/cpu.stat",
        AttributeKeys = ["cpu.mode"],
    };

    private static Metric CpuLimit { get; } = Gauge("container.cpu.limit", "{cpus}", "cpu.max", "How many CPUs the container may use; absent where it may use all.");

    private static Metric Periods { get; } = Counter("container.cpu.throttling_data.periods", "{periods}", "cpu.stat", "Periods (100 ms mostly) in which the container had work to do.");

    private static Metric ThrottledPeriods { get; } = Counter("container.cpu.throttling_data.throttled_periods", "{periods}", "cpu.stat", "Periods in which the container had used up its CPU limit and had to wait.");

    private static Metric ThrottledTime { get; } = Counter("container.cpu.throttling_data.throttled_time", "ns", "cpu.stat", "How long the container's threads have waited because of its CPU limit, summed over its CPUs.");

    private static Metric MemoryUsage { get; } = UpDown("container.memory.usage", "By", "memory.current", "Memory that the container uses, its share of the page cache included.");

    private static Metric MemoryWorkingSet { get; } = UpDown("container.memory.working_set", "By", "memory.current, /sys/fs/cgroup/memory.stat", "Memory that the container uses, less files that nobody has used for a while: what its limit is about.");

    private static Metric MemoryLimit { get; } = UpDown("container.memory.usage.limit", "By", "memory.max", "Memory that the container may use; absent where that is no limit.");

    private static Metric MemoryEvents { get; } = new()
    {
        Name = "hostwire.container.memory.events",
        Unit = "{event}",
        Kind = MetricKind.Counter,
        IsInteger = true,
        Description = "How often the container was at one of its memory limits, and what came of it: low, high, max, oom, oom_kill.",
        Source = "/sys/fs/cgroup/memory.events",
        AttributeKeys = ["event"],
    };

    private static Metric ProcessCount { get; } = UpDown("container.pids.count", "{pids}", "pids.current", "Processes and threads in the container.");

    private static Metric ProcessLimit { get; } = UpDown("container.pids.limit", "{pids}", "pids.max", "How many processes and threads the container may have; absent where that is no limit.");

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "container",
        "In a container: its limits for CPU, memory and processes, what it uses, and how long it was throttled.",
        IntervalSeconds: 10,
        [CpuTime, CpuLimit, Periods, ThrottledPeriods, ThrottledTime, MemoryUsage, MemoryWorkingSet, MemoryLimit, MemoryEvents, ProcessCount, ProcessLimit],
        setup => new ContainerCollector(setup.Paths));

    // Every group has it but the root of them all, which is how a host is told from a container.
    private readonly string _marker = $"{paths.Sysfs}/fs/cgroup/cgroup.events";
    private readonly KernelFile _cpuMax = File(paths, "cpu.max");
    private readonly KernelFile _cpuStat = File(paths, "cpu.stat");
    private readonly KernelFile _memoryCurrent = File(paths, "memory.current");
    private readonly KernelFile _memoryMax = File(paths, "memory.max");
    private readonly KernelFile _memoryStat = File(paths, "memory.stat");
    private readonly KernelFile _memoryEvents = File(paths, "memory.events");
    private readonly KernelFile _pidsCurrent = File(paths, "pids.current");
    private readonly KernelFile _pidsMax = File(paths, "pids.max");
    private readonly NamedNumbers _cpuNumbers = new("user_usec", "system_usec", "nr_periods", "nr_throttled", "throttled_usec");
    private readonly NamedNumbers _memoryNumbers = new("inactive_file");
    private readonly NamedNumbers _eventNumbers = new(EventNames);
    private readonly Series _userTime = new(CpuTime, "user");
    private readonly Series _systemTime = new(CpuTime, "system");
    private readonly Series _cpuLimit = new(CpuLimit);
    private readonly Series _periods = new(Periods);
    private readonly Series _throttledPeriods = new(ThrottledPeriods);
    private readonly Series _throttledTime = new(ThrottledTime);
    private readonly Series _memoryUsage = new(MemoryUsage);
    private readonly Series _memoryWorkingSet = new(MemoryWorkingSet);
    private readonly Series _memoryLimit = new(MemoryLimit);
    private readonly Series[] _events = [.. EventNames.Select(name => new Series(MemoryEvents, name))];
    private readonly Series _processCount = new(ProcessCount);
    private readonly Series _processLimit = new(ProcessLimit);

    private static string[] EventNames => ["low", "high", "max", "oom", "oom_kill"];

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        // A group has the files of those controllers only that were switched on for it.
        if (System.IO.File.Exists(_marker))
        {
            CollectCpu(scrape);
            CollectMemory(scrape);
            AddIfThere(scrape, _processCount, _pidsCurrent);
            AddIfThere(scrape, _processLimit, _pidsMax);
        }
    }

    private void CollectCpu(Scrape scrape)
    {
        if (_cpuStat.TryRead(out ReadOnlySpan<byte> content))
        {
            _cpuNumbers.Parse(content);
            AddSeconds(scrape, _userTime, _cpuNumbers[0]);
            AddSeconds(scrape, _systemTime, _cpuNumbers[1]);
            Add(scrape, _periods, _cpuNumbers[2]);
            Add(scrape, _throttledPeriods, _cpuNumbers[3]);
            Add(scrape, _throttledTime, _cpuNumbers[4] * 1000);
        }

        if (_cpuMax.TryRead(out content) && TryParseLimit(content, out double cpus))
        {
            scrape.Add(_cpuLimit, cpus);
        }
    }

    private void CollectMemory(Scrape scrape)
    {
        if (TryReadNumber(_memoryCurrent, out ulong usage))
        {
            scrape.AddCounter(_memoryUsage, usage);
            if (_memoryStat.TryRead(out ReadOnlySpan<byte> content))
            {
                _memoryNumbers.Parse(content);
                ulong inactive = (ulong)(_memoryNumbers[0] ?? 0);
                scrape.AddCounter(_memoryWorkingSet, usage - Math.Min(inactive, usage));
            }
        }

        AddIfThere(scrape, _memoryLimit, _memoryMax);
        if (_memoryEvents.TryRead(out ReadOnlySpan<byte> events))
        {
            _eventNumbers.Parse(events);
            for (int index = 0; index < _events.Length; index++)
            {
                Add(scrape, _events[index], _eventNumbers[index]);
            }
        }
    }

    /// <summary>Reads <c>150000 100000</c>, microseconds of CPU time for each period of so many; false for <c>max 100000</c>.</summary>
    internal static bool TryParseLimit(ReadOnlySpan<byte> content, out double cpus)
    {
        bool isLimited = KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line)
            & KernelText.TryTakeNumber(ref line, out ulong quota)
            & KernelText.TryTakeNumber(ref line, out ulong period)
            && period > 0;
        cpus = isLimited ? quota / (double)period : 0;
        return isLimited;
    }

    private static void AddIfThere(Scrape scrape, Series series, KernelFile file)
    {
        if (TryReadNumber(file, out ulong value))
        {
            scrape.AddCounter(series, value);
        }
    }

    /// <summary>Reads a file of one number; false where it is not there, or says <c>max</c>.</summary>
    private static bool TryReadNumber(KernelFile file, out ulong number)
    {
        number = 0;
        return file.TryRead(out ReadOnlySpan<byte> content)
            && KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line)
            && KernelText.TryTakeNumber(ref line, out number);
    }

    private static void Add(Scrape scrape, Series series, long? value)
    {
        if (value is { } known)
        {
            scrape.Add(series, known);
        }
    }

    private static void AddSeconds(Scrape scrape, Series series, long? microseconds)
    {
        if (microseconds is { } known)
        {
            scrape.Add(series, known / 1e6);
        }
    }

    private static KernelFile File(HostPaths paths, string name) => new($"{paths.Sysfs}/fs/cgroup/{name}", bufferBytes: 128);

    private static Metric Counter(string name, string unit, string file, string description) => Whole(name, unit, MetricKind.Counter, file, description);

    private static Metric UpDown(string name, string unit, string file, string description) => Whole(name, unit, MetricKind.UpDown, file, description);

    private static Metric Whole(string name, string unit, MetricKind kind, string file, string description) => new()
    {
        Name = name,
        Unit = unit,
        Kind = kind,
        IsInteger = true,
        Description = description,
        Source = $"/sys/fs/cgroup/{file}",
    };

    private static Metric Gauge(string name, string unit, string file, string description) => new()
    {
        Name = name,
        Unit = unit,
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = description,
        Source = $"/sys/fs/cgroup/{file}",
    };
}
