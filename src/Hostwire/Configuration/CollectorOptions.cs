namespace Hostwire.Configuration;

/// <summary>One collector's settings: section <c>[agent.collectors.NAME]</c>.</summary>
public sealed record CollectorOptions
{
    /// <summary><c>enabled</c>: whether it runs.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary><c>interval_seconds</c>: how often it reads, in seconds. 0: <c>agent.interval_seconds</c>, else the collector's own default.</summary>
    public int IntervalSeconds { get; init; }
}
