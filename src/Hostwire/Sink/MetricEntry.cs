using Hostwire.Metrics;

namespace Hostwire.Sink;

/// <summary>A metric: name, unit, kind, temporality.</summary>
internal sealed class MetricEntry(byte[] identity) : DictionaryEntry(identity)
{
    public required string Name { get; init; }

    public required string Unit { get; init; }

    public required MetricKind Kind { get; init; }

    public required Temporality Temporality { get; init; }

    public required string Description { get; init; }

    /// <summary>For parts of histograms, exponential histograms and summaries: of which, and which part.</summary>
    public MetricSource? Source { get; init; }
}
