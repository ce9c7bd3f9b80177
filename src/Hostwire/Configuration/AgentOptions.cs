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

    /// <summary><c>agent.collector_timeout_seconds</c>: a collector that takes longer is left out of the scrape.</summary>
    public double CollectorTimeoutSeconds { get; init; } = 1;

    /// <summary><c>agent.queue_max_bytes</c>: how much waits in memory for Kafka; beyond it the oldest is dropped and counted.</summary>
    public long QueueMaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary><c>agent.procfs</c>: the proc file system.</summary>
    public string Procfs { get; init; } = "/proc";

    /// <summary><c>agent.sysfs</c>: the sys file system.</summary>
    public string Sysfs { get; init; } = "/sys";

    /// <summary><c>agent.rootfs</c>: the root under which mount points and <c>/etc/machine-id</c> are looked up.</summary>
    public string Rootfs { get; init; } = "/";

    /// <summary><c>[agent.collectors.NAME]</c>: one entry for each collector of the catalogue, by its name.</summary>
    public IReadOnlyDictionary<string, CollectorOptions> Collectors { get; init; } = new Dictionary<string, CollectorOptions>(StringComparer.Ordinal);
}
