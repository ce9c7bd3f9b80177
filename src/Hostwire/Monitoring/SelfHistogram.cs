namespace Hostwire.Monitoring;

/// <summary>A distribution that agent or sink keeps of itself.</summary>
internal sealed record SelfHistogram
{
    /// <summary>The name, e.g. <c>hostwire.sink.batch.duration</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The unit in UCUM.</summary>
    public required string Unit { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Description { get; init; }

    /// <summary>The upper bounds of its buckets, rising; one more has none.</summary>
    public required double[] Bounds { get; init; }
}
