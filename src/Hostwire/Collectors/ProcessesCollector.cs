using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>How many processes are in which state, and how many were ever started.</summary>
/// <remarks>
/// The kernel writes down the states nowhere together, so this reads a file for each process: some 12 µs each on a small virtual machine, 1.2 ms
/// for 127 processes and 13 ms for 1,128, while all collectors that read memory of the kernel only take 0.15 ms. Hence the longer interval.
/// </remarks>
public sealed class ProcessesCollector(HostPaths paths) : ICollector
{
    private static Metric Count { get; } = new()
    {
        Name = "system.processes.count",
        Unit = "{processes}",
        Kind = MetricKind.UpDown,
        IsInteger = true,
        Description = "Processes in a state; running and blocked count threads, and blocked only those that wait for a disk.",
        Source = "/proc/*/stat, /proc/stat",
        AttributeKeys = ["status"],
    };

    private static Metric Created { get; } = new()
    {
        Name = "system.processes.created",
        Unit = "{processes}",
        Kind = MetricKind.Counter,
        IsInteger = true,
        Description = "Processes and threads started since the host started.",
        Source = "/proc/stat",
    };

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "processes",
        "Processes by state, processes started.",
        IntervalSeconds: 30,
        [Count, Created],
        setup => new ProcessesCollector(setup.Paths));

    private readonly KernelFile _stat = new($"{paths.Procfs}/stat");
    private readonly NamedNumbers _numbers = new("processes", "procs_running", "procs_blocked");
    private readonly ProcessTable _table = new(paths.Procfs);
    private readonly Series _running = new(Count, "running");
    private readonly Series _blocked = new(Count, "blocked");
    private readonly Series _sleeping = new(Count, "sleeping");
    private readonly Series _idle = new(Count, "idle");
    private readonly Series _stopped = new(Count, "stopped");
    private readonly Series _zombies = new(Count, "zombies");
    private readonly Series _unknown = new(Count, "unknown");
    private readonly Series _created = new(Created);

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        ProcessStates states = _table.Count();
        _numbers.Parse(_stat.Read());
        if (_numbers[0] is not { } created || _numbers[1] is not { } running || _numbers[2] is not { } blocked)
        {
            throw new InvalidDataException($"{_stat.Path} has no processes, procs_running or procs_blocked.");
        }

        // The Collector takes these two from the kernel's own counters and puts down as unknown the processes that are then missing: those
        // that wait for something other than a disk, for instance. Zeros are sent as well, so that the set of series stays the same.
        long known = running + blocked + states.Sleeping + states.Idle + states.Stopped + states.Zombies;
        scrape.Add(_running, running);
        scrape.Add(_blocked, blocked);
        scrape.Add(_sleeping, states.Sleeping);
        scrape.Add(_idle, states.Idle);
        scrape.Add(_stopped, states.Stopped);
        scrape.Add(_zombies, states.Zombies);
        scrape.Add(_unknown, Math.Max(states.Other, states.Total - known));
        scrape.Add(_created, created);
    }
}
