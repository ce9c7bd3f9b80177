using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>All processes of one name together: what they use, and their series.</summary>
/// <param name="name">The name, as the kernel has it: 15 bytes at most.</param>
internal sealed class ProgramUsage(string name)
{
    private ProgramSeries? _series;
    private ulong _mostTicks;
    private ulong _mostPages;

    public string Name { get; } = name;

    /// <summary>The reading in which it was last seen.</summary>
    public long Pass { get; private set; }

    /// <summary>The reading in which it was last chosen to be sent.</summary>
    public long ChosenPass { get; set; }

    /// <summary>Ticks of CPU time since the reading before.</summary>
    public ulong Ticks => UserTicks + SystemTicks;

    public ulong UserTicks { get; private set; }

    public ulong SystemTicks { get; private set; }

    /// <summary>Pages of memory; those that its processes share are counted for each.</summary>
    public ulong Pages { get; private set; }

    public long Processes { get; private set; }

    /// <summary>The process that has used most CPU time, or among those that have used as much, memory.</summary>
    public int Pid { get; private set; }

    /// <summary>Adds a process.</summary>
    /// <param name="pass">The reading.</param>
    /// <param name="stat">The process.</param>
    /// <param name="userTicks">What it has used since the reading before.</param>
    /// <param name="systemTicks">Likewise, in the kernel.</param>
    public void Add(long pass, in ProcessStat stat, ulong userTicks, ulong systemTicks)
    {
        if (Pass != pass)
        {
            Pass = pass;
            UserTicks = SystemTicks = Pages = _mostTicks = _mostPages = 0;
            Processes = 0;
        }

        UserTicks += userTicks;
        SystemTicks += systemTicks;
        Pages += stat.ResidentPages;
        ulong ticks = userTicks + systemTicks;
        if (Processes++ == 0 || ticks > _mostTicks || (ticks == _mostTicks && stat.ResidentPages > _mostPages))
        {
            (Pid, _mostTicks, _mostPages) = (stat.Pid, ticks, stat.ResidentPages);
        }
    }

    /// <summary>Adds its points.</summary>
    /// <param name="scrape">Where they go.</param>
    /// <param name="hostTicks">The time of all CPUs of the host since the reading before; 0 where none has passed.</param>
    /// <param name="pageBytes">The size of a page.</param>
    public void AddPoints(Scrape scrape, ulong hostTicks, int pageBytes)
    {
        _series ??= new ProgramSeries(Name);
        if (hostTicks > 0)
        {
            scrape.Add(_series.User, UserTicks / (double)hostTicks);
            scrape.Add(_series.System, SystemTicks / (double)hostTicks);
        }

        scrape.AddCounter(_series.Memory, Pages, (ulong)pageBytes);
        scrape.Add(_series.Count, Processes);
        scrape.Add(_series.Pid, (long)Pid);
    }

    /// <summary>Made for those programs only that are sent at all.</summary>
    private sealed class ProgramSeries
    {
        public ProgramSeries(string name)
        {
            var subject = new Subject(TopCollector.SubjectKeys, [name]);
            User = new Series(TopCollector.Utilization, "user") { Subject = subject };
            System = new Series(TopCollector.Utilization, "system") { Subject = subject };
            Memory = new Series(TopCollector.Memory) { Subject = subject };
            Count = new Series(TopCollector.Count) { Subject = subject };
            Pid = new Series(TopCollector.Pid) { Subject = subject };
        }

        public Series User { get; }

        public Series System { get; }

        public Series Memory { get; }

        public Series Count { get; }

        public Series Pid { get; }
    }
}
