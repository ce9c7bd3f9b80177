using Hostwire.Collectors;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Metrics;
using Hostwire.Monitoring;

namespace Hostwire.Agent;

/// <summary>Which collectors run, how often, and in which order.</summary>
internal static class CollectorPlan
{
    /// <summary>The enabled collectors by interval, the fastest first; within an interval in the catalogue's order, which lists last those that may wait.</summary>
    /// <param name="catalogue">Those that there are.</param>
    /// <param name="options">Which of them are wanted, and how.</param>
    /// <param name="host">Whose phase the ticks get.</param>
    /// <param name="self">What the agent knows of itself.</param>
    /// <param name="mayBeEmpty">Whether there is something else to sample.</param>
    /// <exception cref="UserException">None is enabled.</exception>
    public static CollectorGroup[] Make(IEnumerable<CollectorDefinition> catalogue, AgentOptions options, HostIdentity host, IReadOnlyList<BoundMetric> self, bool mayBeEmpty = false) =>
        Make(catalogue, options, host, self, mayBeEmpty, slots: [], (interval, phase) => new TickGrid(interval, phase));

    /// <summary>
    /// As <see cref="Make(IEnumerable{CollectorDefinition}, AgentOptions, HostIdentity, IReadOnlyList{BoundMetric}, bool)"/>, where others run already: whatever the settings leave as it was goes on.
    /// Collectors keep what they know, their rates most of all; a tick that was taken is not taken again, and a new grid begins with its next tick.
    /// </summary>
    /// <param name="running">Those that run.</param>
    /// <param name="runningBy">The settings they were made by.</param>
    /// <param name="catalogue">Those that there are.</param>
    /// <param name="options">Which of them are wanted now, and how.</param>
    /// <param name="host">Whose phase the ticks get.</param>
    /// <param name="self">What the agent knows of itself.</param>
    /// <param name="mayBeEmpty">Whether there is something else to sample.</param>
    /// <param name="now">When.</param>
    /// <exception cref="UserException">None is enabled.</exception>
    public static CollectorGroup[] Remake(
        CollectorGroup[] running,
        AgentOptions runningBy,
        IEnumerable<CollectorDefinition> catalogue,
        AgentOptions options,
        HostIdentity host,
        IReadOnlyList<BoundMetric> self,
        bool mayBeEmpty,
        DateTimeOffset now)
    {
        Dictionary<string, CollectorSlot> slots = IsSameSetup(runningBy, options)
            ? running.SelectMany(group => group.Slots).ToDictionary(slot => slot.Name, StringComparer.Ordinal)
            : [];
        return Make(catalogue, options, host, self, mayBeEmpty, slots, (interval, phase) =>
        {
            if (Array.Find(running, group => group.Ticks.Is(interval, phase)) is { } same)
            {
                return same.Ticks;
            }

            var ticks = new TickGrid(interval, phase);
            ticks.TryTake(now);
            return ticks;
        });
    }

    private static CollectorGroup[] Make(
        IEnumerable<CollectorDefinition> catalogue,
        AgentOptions options,
        HostIdentity host,
        IReadOnlyList<BoundMetric> self,
        bool mayBeEmpty,
        Dictionary<string, CollectorSlot> slots,
        Func<TimeSpan, TimeSpan, TickGrid> ticks)
    {
        CollectorSetup setup = SetupOf(options) with { Self = self };
        TimeSpan phase = PhaseOf(options, host);
        CollectorGroup[] groups =
        [
            .. catalogue
                .Where(definition => CollectorOptions.Of(options, definition).Enabled)
                .GroupBy(definition => IntervalSeconds(definition, options))
                .OrderBy(group => group.Key)
                .Select(group => new CollectorGroup(
                    ticks(TimeSpan.FromSeconds(group.Key), phase),
                    [.. group.Select(definition => slots.GetValueOrDefault(definition.Name) ?? new CollectorSlot(definition.Name, definition.Create(setup)))])),
        ];
        return groups.Length > 0 || mayBeEmpty
            ? groups
            : throw new UserException("Every collector is switched off: there is nothing to sample. Enable at least one under agent.collectors.", ExitCode.Usage);
    }

    /// <summary>Where in its intervals this host reads.</summary>
    public static TimeSpan PhaseOf(AgentOptions options, HostIdentity host) => options.PhaseSeconds < 0 ? HostPhase.Of(host) : TimeSpan.FromSeconds(options.PhaseSeconds);

    /// <summary>How often a collector reads: its own setting, else that of all collectors, else its default.</summary>
    public static int IntervalSeconds(CollectorDefinition definition, AgentOptions options)
    {
        int own = CollectorOptions.Of(options, definition).IntervalSeconds;
        return own > 0 ? own
            : options.IntervalSeconds > 0 ? options.IntervalSeconds
            : definition.IntervalSeconds;
    }

    private static bool IsSameSetup(AgentOptions one, AgentOptions other) =>
        (one.Procfs, one.Sysfs, one.Rootfs, one.PerCpu, one.TopProcesses) == (other.Procfs, other.Sysfs, other.Rootfs, other.PerCpu, other.TopProcesses)
        && Filters(one).Zip(Filters(other)).All(pair => pair.First.SequenceEqual(pair.Second, StringComparer.Ordinal));

    private static IReadOnlyList<string>[] Filters(AgentOptions options) =>
    [
        options.IncludeInterfaces, options.ExcludeInterfaces, options.IncludeDisks, options.ExcludeDisks,
        options.IncludeMounts, options.ExcludeMounts, options.IncludeFilesystems, options.ExcludeFilesystems,
    ];

    private static CollectorSetup SetupOf(AgentOptions options) => new(new HostPaths(options.Procfs, options.Sysfs, options.Rootfs))
    {
        PerCpu = options.PerCpu,
        TopProcesses = options.TopProcesses,
        Interfaces = new NameFilter(options.IncludeInterfaces, options.ExcludeInterfaces),
        Disks = new NameFilter(options.IncludeDisks, options.ExcludeDisks),
        Mounts = new NameFilter(options.IncludeMounts, options.ExcludeMounts),
        Filesystems = new NameFilter(options.IncludeFilesystems, options.ExcludeFilesystems),
    };
}
