using Hostwire.Metrics;

namespace Hostwire.Otlp;

/// <summary>A metric as one <c>Metric</c> message gave it; several entries may well have the same name.</summary>
public readonly record struct DecodedMetric
{
    /// <summary>Index of its resource in <see cref="DecodedRecord.Resources"/>.</summary>
    public required int ResourceIndex { get; init; }

    /// <summary>Name of the instrumentation scope, UTF-8; may be empty.</summary>
    public required ByteRange ScopeName { get; init; }

    /// <summary>The name, UTF-8; never empty.</summary>
    public required ByteRange Name { get; init; }

    /// <summary>The unit, UTF-8; may be empty.</summary>
    public required ByteRange Unit { get; init; }

    /// <summary>The description, UTF-8; may be empty.</summary>
    public required ByteRange Description { get; init; }

    /// <summary>What its points are.</summary>
    public required MetricDataKind Kind { get; init; }

    /// <summary>Sums only: whether it only grows, until it starts again.</summary>
    public bool IsMonotonic { get; init; }

    /// <summary>Sums and histograms: total or difference; none for gauges and summaries.</summary>
    public Temporality Temporality { get; init; }
}
