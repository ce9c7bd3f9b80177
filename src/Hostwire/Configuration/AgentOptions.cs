using Hostwire.Agent;
using Hostwire.Collectors;

namespace Hostwire.Configuration;

/// <summary>How the host is sampled: section <c>[agent]</c>.</summary>
public sealed record AgentOptions
{
    /// <summary><c>agent.host_name</c>: sent as <c>host.name</c>. Empty: the kernel's.</summary>
    public string HostName { get; init; } = "";

    /// <summary><c>agent.host_id</c>: sent as <c>host.id</c>. Empty: <c>/etc/machine-id</c> under the root.</summary>
    public string HostId { get; init; } = "";

    /// <summary><c>agent.interval_seconds</c>: overrides every collector's default interval, in seconds. 0: each collector's own.</summary>
    public int IntervalSeconds { get; init; }

    /// <summary><c>agent.phase_seconds</c>: where in its interval this host reads, in seconds. -1: a stable one made from the host's identity, so that a fleet spreads itself.</summary>
    public double PhaseSeconds { get; init; } = -1;

    /// <summary><c>agent.per_cpu</c>: whether each CPU has series of its own; else all together have one.</summary>
    public bool PerCpu { get; init; } = true;

    /// <summary><c>agent.top_processes</c>: how many programs the collector top sends by CPU, and how many by memory.</summary>
    public int TopProcesses { get; init; } = 5;

    /// <summary><c>agent.include_interfaces</c>: patterns of the network interfaces that are sampled. Empty: all that are not excluded.</summary>
    public IReadOnlyList<string> IncludeInterfaces { get; init; } = [];

    /// <summary><c>agent.exclude_interfaces</c>: patterns of those that are not. The default are the host's ends of containers' interfaces: Docker, Calico, Cilium, AWS, Azure, GKE.</summary>
    public IReadOnlyList<string> ExcludeInterfaces { get; init; } = ["veth*", "cali*", "lxc*", "eni*", "azv*", "gke*"];

    /// <summary><c>agent.include_disks</c>: patterns of the disks and partitions that are sampled. Empty: all that are not excluded.</summary>
    public IReadOnlyList<string> IncludeDisks { get; init; } = [];

    /// <summary><c>agent.exclude_disks</c>: patterns of those that are not.</summary>
    public IReadOnlyList<string> ExcludeDisks { get; init; } = ["loop*", "ram*", "zram*", "fd*", "sr*"];

    /// <summary><c>agent.include_mounts</c>: patterns of the mount points that are sampled. Empty: all that are not excluded.</summary>
    public IReadOnlyList<string> IncludeMounts { get; init; } = [];

    /// <summary><c>agent.exclude_mounts</c>: patterns of those that are not. The default are those that container engines make.</summary>
    public IReadOnlyList<string> ExcludeMounts { get; init; } = ["/var/lib/docker/*", "/var/lib/containers/*", "/var/lib/kubelet/*"];

    /// <summary><c>agent.include_filesystems</c>: patterns of the file system types that are sampled, whether they need a device or not. Empty: those that do, and are not excluded.</summary>
    public IReadOnlyList<string> IncludeFilesystems { get; init; } = [];

    /// <summary><c>agent.exclude_filesystems</c>: patterns of those that are not. The default are images that are always full.</summary>
    public IReadOnlyList<string> ExcludeFilesystems { get; init; } = ["squashfs", "iso9660"];

    /// <summary><c>agent.collector_timeout_seconds</c>: a collector that takes longer is left out of the scrape.</summary>
    public double CollectorTimeoutSeconds { get; init; } = 1;

    /// <summary><c>agent.spool</c>: whether records are kept in a file until Kafka has them; without it they are kept in memory alone.</summary>
    public bool Spool { get; init; } = true;

    /// <summary><c>agent.spool_file</c>: the file. Empty: <c>spool.db</c> where state belongs.</summary>
    public string SpoolFile { get; init; } = "";

    /// <summary><c>agent.spool_max_bytes</c>: how much waits in the file; beyond it the oldest is dropped and counted.</summary>
    public long SpoolMaxBytes { get; init; } = 512 * 1024 * 1024;

    /// <summary><c>agent.spool_max_age_hours</c>: what has waited longer is dropped and counted.</summary>
    public int SpoolMaxAgeHours { get; init; } = 7 * 24;

    /// <summary><c>agent.spool_sync_seconds</c>: what waits survives a power cut after so many seconds at most. 0: at once.</summary>
    public int SpoolSyncSeconds { get; init; } = 10;

    /// <summary><c>agent.queue_max_bytes</c>: how much waits in memory for Kafka where there is no spool, or its file cannot be written; beyond it the oldest is dropped and counted.</summary>
    public long QueueMaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary><c>agent.procfs</c>: the proc file system.</summary>
    public string Procfs { get; init; } = "/proc";

    /// <summary><c>agent.sysfs</c>: the sys file system.</summary>
    public string Sysfs { get; init; } = "/sys";

    /// <summary><c>agent.rootfs</c>: the root under which mount points and <c>/etc/machine-id</c> are looked up.</summary>
    public string Rootfs { get; init; } = "/";

    /// <summary><c>[agent.collectors.NAME]</c>: one entry for each collector of the catalogue, by its name.</summary>
    public IReadOnlyDictionary<string, CollectorOptions> Collectors { get; init; } = new Dictionary<string, CollectorOptions>(StringComparer.Ordinal);

    /// <summary><c>[agent.attributes]</c>: what else describes this host, e.g. env = prod; sent as <c>host.env</c>.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What contradicts itself, or cannot be sent.</summary>
    public static IEnumerable<SettingProblem> Problems(AgentOptions options) =>
    [
        .. HostAttributes.Problems(options.Attributes),
        .. Contradictions("interfaces", options.IncludeInterfaces, options.ExcludeInterfaces),
        .. Contradictions("disks", options.IncludeDisks, options.ExcludeDisks),
        .. Contradictions("mounts", options.IncludeMounts, options.ExcludeMounts),
        .. Contradictions("filesystems", options.IncludeFilesystems, options.ExcludeFilesystems),
    ];

    // A pattern that is itself taken by one of the others can never have any effect, and nobody means that: mostly it is the default that is in the way.
    private static IEnumerable<SettingProblem> Contradictions(string what, IReadOnlyList<string> include, IReadOnlyList<string> exclude) =>
        from included in include
        from excluded in exclude
        where NamePattern.Matches(excluded, included)
        select new SettingProblem($"agent.include_{what}", $"has the pattern \"{included}\", and agent.exclude_{what} has \"{excluded}\", which wins: set agent.exclude_{what} without it.");
}
