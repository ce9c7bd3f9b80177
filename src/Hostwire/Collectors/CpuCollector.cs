using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>What each CPU has done, from <c>/proc/stat</c>; its frequency; how many CPUs and cores there are; context switches and interrupts.</summary>
/// <param name="paths">Where the host's files lie.</param>
/// <param name="perCpu">Whether each CPU has series of its own. Else all together have one, under the name <see cref="AllCpus"/>: sums of times, means of frequencies.</param>
public sealed class CpuCollector(HostPaths paths, bool perCpu = true) : ICollector
{
    private const string AllCpus = "all";

    private static Metric Time { get; } = new()
    {
        Name = "system.cpu.time",
        Unit = "s",
        Kind = MetricKind.Counter,
        IsInteger = false,
        Description = "Seconds that a CPU has spent in a state since it started.",
        Source = "/proc/stat",
        AttributeKeys = ["cpu", "state"],
    };

    private static Metric Utilization { get; } = new()
    {
        Name = "system.cpu.utilization",
        Unit = "1",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = "Share of the time since the last reading that a CPU has spent in a state, 0 to 1.",
        Source = "/proc/stat",
        AttributeKeys = ["cpu", "state"],
    };

    private static Metric Frequency { get; } = new()
    {
        Name = "system.cpu.frequency",
        Unit = "Hz",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = "Frequency at which a CPU runs at the moment.",
        Source = "/sys/devices/system/cpu/cpu*/cpufreq/scaling_cur_freq, /proc/cpuinfo",
        AttributeKeys = ["cpu"],
    };

    private static Metric LogicalCount { get; } = new()
    {
        Name = "system.cpu.logical.count",
        Unit = "{cpu}",
        Kind = MetricKind.UpDown,
        IsInteger = true,
        Description = "CPUs that are online, as programs see them: each thread of a core is one.",
        Source = "/proc/stat",
    };

    private static Metric PhysicalCount { get; } = new()
    {
        Name = "system.cpu.physical.count",
        Unit = "{cpu}",
        Kind = MetricKind.UpDown,
        IsInteger = true,
        Description = "Cores that are online, over all sockets.",
        Source = "/sys/devices/system/cpu/cpu*/topology/core_cpus_list, /proc/cpuinfo",
    };

    private static Metric ContextSwitches { get; } = Events("context_switches", "{switch}", "Switches from one thread to another, on all CPUs.");

    private static Metric Interrupts { get; } = Events("interrupts", "{interrupt}", "Interrupts served, on all CPUs.");

    private static Metric SoftIrqs { get; } = Events("softirqs", "{interrupt}", "Software interrupts served, on all CPUs.");

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "cpu",
        "CPU time and utilization by CPU and state, frequency by CPU, number of CPUs and cores, context switches and interrupts.",
        IntervalSeconds: 10,
        [Time, Utilization, Frequency, LogicalCount, PhysicalCount, ContextSwitches, Interrupts, SoftIrqs],
        setup => new CpuCollector(setup.Paths, setup.PerCpu));

    private readonly KernelFile _stat = new($"{paths.Procfs}/stat");
    private readonly CpuTopology _topology = new(paths);
    private readonly CpuSeries? _all = perCpu ? null : new CpuSeries(AllCpus);
    private readonly CpuFrequencies _frequencies = new(paths);
    private readonly Series _logicalCount = new(LogicalCount);
    private readonly Series _physicalCount = new(PhysicalCount);
    private readonly NamedNumbers _eventNumbers = new("ctxt", "intr", "softirq");
    private readonly Series[] _events = [new(ContextSwitches), new(Interrupts), new(SoftIrqs)];

    // By CPU number, and those that are online in the kernel's order. A CPU that goes offline keeps its series for the day it comes back.
    private readonly Dictionary<int, Cpu> _cpus = [];
    private readonly List<Cpu> _online = [];
    private bool _onlineChanged;
    private long _pass;

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        _pass++;
        int wereOnline = _online.Count;
        _online.Clear();
        if (!TryCollectTimes(_stat.Read(), scrape))
        {
            // Some CPUs may have been read: what comes next cannot be told from them.
            _onlineChanged = true;
            throw new InvalidDataException($"{_stat.Path} does not begin with the lines of the CPUs, whole, and others after them.");
        }

        if (_onlineChanged || _online.Count != wereOnline)
        {
            _topology.Refresh(_online.Select(cpu => cpu.Number));
            _frequencies.Refresh(_online.Select(cpu => (cpu.Number, cpu.Series?.Frequency)));
            _onlineChanged = false;
        }

        scrape.Add(_logicalCount, (long)_online.Count);
        if (_topology.CoreCount is { } cores)
        {
            scrape.Add(_physicalCount, (long)cores);
        }

        _frequencies.Collect(scrape, _all?.Frequency);
        CollectEvents(scrape);
    }

    // They stand at the end of the file, which was parsed when the CPUs were.
    private void CollectEvents(Scrape scrape)
    {
        for (int index = 0; index < _events.Length; index++)
        {
            if (_eventNumbers[index] is { } count)
            {
                scrape.Add(_events[index], count);
            }
        }
    }

    private bool TryCollectTimes(ReadOnlySpan<byte> content, Scrape scrape)
    {
        // The first line is the sum over all CPUs, which is not sent beside them: the store sums up as it is asked.
        if (!KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line) || !line.StartsWith("cpu "u8))
        {
            return false;
        }

        if (_all is not null)
        {
            if (!CpuTicks.TryParseSum(line, out CpuTicks sum))
            {
                return false;
            }

            _all.AddPoints(scrape, sum, hasBefore: _pass > 1);
        }

        ReadOnlySpan<byte> rest = content;
        while (KernelText.TryTakeLine(ref content, out line))
        {
            if (!line.StartsWith("cpu"u8))
            {
                // Read here and not once more in a collector of their own: the kernel goes through all interrupts of all CPUs to write this file.
                _eventNumbers.Parse(rest);
                return _online.Count > 0;
            }

            rest = content;

            if (!CpuTicks.TryParse(line, out int number, out CpuTicks ticks))
            {
                return false;
            }

            Record(number, ticks, scrape);
        }

        return false;
    }

    private void Record(int number, in CpuTicks ticks, Scrape scrape)
    {
        if (!_cpus.TryGetValue(number, out Cpu? cpu))
        {
            _cpus[number] = cpu = new Cpu(number, _all is null ? new CpuSeries($"cpu{number}") : null);
        }

        // What a CPU did before it went offline says nothing about the time since the last reading.
        bool wasOnline = cpu.LastPass == _pass - 1 && cpu.LastPass > 0;
        _onlineChanged |= !wasOnline;
        cpu.Series?.AddPoints(scrape, ticks, wasOnline);
        cpu.LastPass = _pass;
        _online.Add(cpu);
    }

    private static Metric Events(string name, string unit, string description) => new()
    {
        Name = $"hostwire.cpu.{name}",
        Unit = unit,
        Kind = MetricKind.Counter,
        IsInteger = true,
        Description = description,
        Source = "/proc/stat",
    };

    private sealed class Cpu(int number, CpuSeries? series)
    {
        public int Number { get; } = number;

        public CpuSeries? Series { get; } = series;

        public long LastPass { get; set; }
    }

    /// <summary>The series of a CPU, or of all.</summary>
    private sealed class CpuSeries(string cpu)
    {
        private readonly Series[] _time = [.. CpuTicks.States.Select(state => new Series(Time, cpu, state))];
        private readonly Series[] _utilization = [.. CpuTicks.States.Select(state => new Series(Utilization, cpu, state))];
        private CpuTicks _before;

        public Series Frequency { get; } = new(CpuCollector.Frequency, cpu);

        public void AddPoints(Scrape scrape, in CpuTicks ticks, bool hasBefore)
        {
            Span<double> shares = stackalloc double[CpuTicks.StateCount];
            bool hasShares = hasBefore && CpuTicks.TryGetShares(_before, ticks, shares);
            for (int state = 0; state < CpuTicks.StateCount; state++)
            {
                scrape.Add(_time[state], ticks[state] / CpuTicks.TicksPerSecond);
                if (hasShares)
                {
                    scrape.Add(_utilization[state], shares[state]);
                }
            }

            _before = ticks;
        }
    }
}
