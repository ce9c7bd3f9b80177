namespace Hostwire.Sink;

/// <summary>A series: a metric of a scope with all its attributes but the host's.</summary>
internal sealed class SeriesEntry(byte[] identity) : DictionaryEntry(identity)
{
    public required MetricEntry Metric { get; init; }

    public required string Scope { get; init; }

    public required string AttributesJson { get; init; }

    /// <summary>For parts of histograms, exponential histograms and summaries: the same for all parts of one.</summary>
    public byte[]? SourceIdentity { get; init; }
}
