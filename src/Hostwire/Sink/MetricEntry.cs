using Hostwire.Metrics;

namespace Hostwire.Sink;

/// <summary>A metric: name, unit, kind, temporality.</summary>
internal sealed class MetricEntry(byte[] identity) : DictionaryEntry(identity)
{
    // Of descriptions, which mean nothing to us: what people write fits, and nobody can fill memory with the rest.
    private const int DescriptionBytesMax = 4096;

    public required string Name { get; init; }

    public required string Unit { get; init; }

    public required MetricKind Kind { get; init; }

    public required Temporality Temporality { get; init; }

    public required string Description { get; init; }

    /// <summary>For parts of histograms, exponential histograms and summaries: of which, and which part.</summary>
    public MetricSource? Source { get; init; }

    /// <summary>A description as it is kept: the beginning of it, where it is very long.</summary>
    public static string DescriptionOf(ReadOnlySpan<byte> description)
    {
        int length = int.Min(description.Length, DescriptionBytesMax);
        while (length < description.Length && length > 0 && (description[length] & 0xC0) == 0x80)
        {
            length--;
        }

        return AttributeSet.Text(description[..length]);
    }
}
