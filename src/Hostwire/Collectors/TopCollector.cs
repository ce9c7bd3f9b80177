using System.Globalization;
using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>The programs that use most CPU and memory: processes of one name are one program.</summary>
/// <remarks>
/// Off by default. Why it sends names and not processes, and each with a resource of its own, is in docs/adr/0021: a series for each process id, or a
/// frame for all of them together, would make the dictionary of the store grow with every scrape.
/// </remarks>
public sealed class TopCollector : ICollector
{
    /// <summary>How many names one agent sends in its life; each is a layout of the store. Beyond it, only those that it has sent before.</summary>
    internal const int NamesMax = 500;

    private static readonly Comparison<ProgramUsage> ByTicks = (one, other) => Compare(other.Ticks, one.Ticks, one, other);
    private static readonly Comparison<ProgramUsage> ByPages = (one, other) => Compare(other.Pages, one.Pages, one, other);

    private readonly int _count;
    private readonly KernelFile _stat;
    private readonly ProcessTable _table;
    private readonly Dictionary<int, Before> _processes = [];
    private readonly Dictionary<byte[], ProgramUsage> _programs = new(ByteStringComparer.Instance);
    private readonly List<ProgramUsage> _seen = [];
    private readonly HashSet<string> _sent = new(StringComparer.Ordinal);
    private CpuTicks _hostBefore;
    private long _pass;

    /// <summary>Makes one that sends as many programs by CPU, and as many by memory, as the setup says.</summary>
    public TopCollector(CollectorSetup setup)
    {
        _count = setup.TopProcesses;
        _stat = new KernelFile($"{setup.Paths.Procfs}/stat");
        _table = new ProcessTable(setup.Paths.Procfs);
    }

    internal static string[] SubjectKeys { get; } = ["process.executable.name"];

    internal static Metric Utilization { get; } = new()
    {
        Name = "process.cpu.utilization",
        Unit = "1",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = "Share of the time of all CPUs since the last reading that the processes of this name have used, 0 to 1.",
        Source = "/proc/*/stat, /proc/stat",
        SubjectKeys = SubjectKeys,
        AttributeKeys = ["state"],
    };

    internal static Metric Memory { get; } = Whole("process.memory.usage", "By", MetricKind.UpDown, "Memory that the processes of this name have; what they share is counted for each.");

    internal static Metric Count { get; } = Whole("hostwire.process.count", "{process}", MetricKind.UpDown, "Processes of this name.");

    internal static Metric Pid { get; } = Whole("hostwire.process.pid", "1", MetricKind.Gauge, "The process id of the one that uses most CPU, else most memory.");

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "top",
        "The programs that use most CPU and memory, agent.top_processes of each; off unless it is enabled.",
        IntervalSeconds: 60,
        [Utilization, Memory, Count, Pid],
        setup => new TopCollector(setup))
    {
        IsOnByDefault = false,
    };

    /// <inheritdoc/>
    public string? LeftOut { get; private set; }

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        _pass++;
        ReadOnlySpan<byte> content = _stat.Read();
        if (!KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line) || !CpuTicks.TryParseSum(line, out CpuTicks host))
        {
            throw new InvalidDataException($"{_stat.Path} does not begin with the sum over all CPUs.");
        }

        ReadProcesses();
        ulong hostTicks = CpuTicks.Passed(_hostBefore, host);
        _hostBefore = host;

        // The first reading has nothing to compare with; its points would make another layout, of those that need no comparison.
        if (_pass > 1)
        {
            _seen.Sort(ByTicks);
            Choose(program => program.Ticks);
            _seen.Sort(ByPages);
            Choose(program => program.Pages);
            Send(scrape, hostTicks);
        }
    }

    private void ReadProcesses()
    {
        // Room for all fields up to the twenty-fourth, and more: the longest line of a process has some 400 bytes.
        Span<byte> buffer = stackalloc byte[1024];
        _seen.Clear();
        _table.Start();
        while (_table.TryReadNext(buffer, out ReadOnlySpan<byte> content))
        {
            if (ProcessStat.TryParse(content, out ReadOnlySpan<byte> name, out ProcessStat stat) && !stat.IsKernelThread)
            {
                Add(name, stat);
            }
        }

        foreach ((int pid, Before process) in _processes)
        {
            if (process.Pass != _pass)
            {
                _processes.Remove(pid);
            }
        }

        foreach ((byte[] name, ProgramUsage program) in _programs)
        {
            if (program.Pass != _pass)
            {
                _programs.Remove(name);
            }
        }
    }

    private void Add(ReadOnlySpan<byte> name, in ProcessStat stat)
    {
        // One that was not there before has used all that it has used since then; another one that had the number is not it.
        bool isKnown = _processes.TryGetValue(stat.Pid, out Before before) && before.StartTicks == stat.StartTicks;
        ulong user = isKnown && stat.UserTicks >= before.UserTicks ? stat.UserTicks - before.UserTicks : isKnown ? 0 : stat.UserTicks;
        ulong system = isKnown && stat.SystemTicks >= before.SystemTicks ? stat.SystemTicks - before.SystemTicks : isKnown ? 0 : stat.SystemTicks;
        _processes[stat.Pid] = new Before(stat.StartTicks, stat.UserTicks, stat.SystemTicks, _pass);

        Dictionary<byte[], ProgramUsage>.AlternateLookup<ReadOnlySpan<byte>> programs = _programs.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!programs.TryGetValue(name, out ProgramUsage? program))
        {
            program = new ProgramUsage(KernelText.ToText(name));
            programs[name] = program;
        }

        if (program.Pass != _pass)
        {
            _seen.Add(program);
        }

        program.Add(_pass, stat, user, system);
    }

    /// <summary>Chooses the first of the list, which is sorted, as long as they use anything.</summary>
    private void Choose(Func<ProgramUsage, ulong> usage)
    {
        for (int index = 0; index < Math.Min(_count, _seen.Count) && usage(_seen[index]) > 0; index++)
        {
            _seen[index].ChosenPass = _pass;
        }
    }

    private void Send(Scrape scrape, ulong hostTicks)
    {
        foreach (ProgramUsage program in _seen)
        {
            if (program.ChosenPass != _pass)
            {
                continue;
            }

            if (_sent.Count < NamesMax || _sent.Contains(program.Name))
            {
                _sent.Add(program.Name);
                program.AddPoints(scrape, hostTicks, Environment.SystemPageSize);
            }
            else
            {
                LeftOut ??= string.Create(
                    CultureInfo.InvariantCulture, $"{NamesMax} names of programs have been among the top since the agent started, and others are not sent: {program.Name} is the first of them");
            }
        }
    }

    // By name where they use the same, so that it does not depend on the order in which the kernel lists them.
    private static int Compare(ulong first, ulong second, ProgramUsage one, ProgramUsage other) =>
        first != second ? first.CompareTo(second) : string.CompareOrdinal(one.Name, other.Name);

    private static Metric Whole(string name, string unit, MetricKind kind, string description) => new()
    {
        Name = name,
        Unit = unit,
        Kind = kind,
        IsInteger = true,
        Description = description,
        Source = "/proc/*/stat",
        SubjectKeys = SubjectKeys,
    };

    private readonly record struct Before(ulong StartTicks, ulong UserTicks, ulong SystemTicks, long Pass);
}
