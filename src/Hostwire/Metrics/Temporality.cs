namespace Hostwire.Metrics;

/// <summary>Whether a sum is a running total or a difference since the last point; the numbers are OTLP's.</summary>
public enum Temporality
{
    /// <summary>Gauges have none.</summary>
    None = 0,

    /// <summary>Each point is the change since the one before it.</summary>
    Delta = 1,

    /// <summary>Each point is the total since the start. All that our own agent sends.</summary>
    Cumulative = 2,
}
