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
    public static CollectorGroup[] Make(IEnumerable<CollectorDefinition> catalogue, AgentOptions options, HostIdentity host, IReadOnlyList<BoundMetric> self, bool mayBeEmpty = false)
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
                    new TickGrid(TimeSpan.FromSeconds(group.Key), phase),
                    [.. group.Select(definition => new CollectorSlot(definition.Name, definition.Create(setup)))])),
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
