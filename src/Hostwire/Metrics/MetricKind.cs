namespace Hostwire.Metrics;

/// <summary>What a metric's values mean, as PostgreSQL's <c>hostwire.metric.kind</c> keeps it.</summary>
public enum MetricKind
{
    /// <summary>A reading that stands for itself: a load average, a temperature. OTLP Gauge.</summary>
    Gauge,

    /// <summary>A total that only grows, until it starts again: CPU seconds, bytes received. OTLP monotonic Sum.</summary>
    Counter,

    /// <summary>A total that grows and shrinks and may be added up across its attributes: bytes of memory by state. OTLP non-monotonic Sum.</summary>
    UpDown,
}
