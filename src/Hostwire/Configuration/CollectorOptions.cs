using Hostwire.Collectors;

namespace Hostwire.Configuration;

/// <summary>One collector's settings: section <c>[agent.collectors.NAME]</c>.</summary>
public sealed record CollectorOptions
{
    /// <summary><c>enabled</c>: whether it runs. The default is the collector's own.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary><c>interval_seconds</c>: how often it reads, in seconds. 0: <c>agent.interval_seconds</c>, else the collector's own default.</summary>
    public int IntervalSeconds { get; init; }

    /// <summary>Those of a collector; where nothing was set, its defaults.</summary>
    public static CollectorOptions Of(AgentOptions options, CollectorDefinition collector) =>
        options.Collectors.GetValueOrDefault(collector.Name) ?? new CollectorOptions { Enabled = collector.IsOnByDefault };
}
