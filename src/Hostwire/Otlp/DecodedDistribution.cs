namespace Hostwire.Otlp;

/// <summary>One point of a histogram, an exponential histogram or a summary; which one, its metric says.</summary>
/// <remarks>Lists are stretches of <see cref="DecodedRecord.Counts"/> and <see cref="DecodedRecord.Numbers"/>, which the record hands out by name.</remarks>
public record struct DecodedDistribution
{
    /// <summary>Index of its metric in <see cref="DecodedRecord.Metrics"/>.</summary>
    public int MetricIndex { get; internal set; }

    /// <summary>Index of its first attribute in <see cref="DecodedRecord.Attributes"/>.</summary>
    public int AttributeStart { get; internal set; }

    /// <summary>Number of its attributes.</summary>
    public int AttributeCount { get; internal set; }

    /// <inheritdoc cref="DecodedPoint.AttributeBytes"/>
    public ByteRange AttributeBytes { get; internal set; }

    /// <summary>When it was measured, in nanoseconds since 1970; never 0.</summary>
    public ulong TimeUnixNano { get; internal set; }

    /// <summary>False where the sender says that nothing was recorded; then no number here means anything.</summary>
    public bool HasValue { get; internal set; }

    /// <summary>How many values were observed.</summary>
    public ulong Count { get; internal set; }

    /// <summary>Their sum; null where it was not given. Summaries always have one.</summary>
    public double? Sum { get; internal set; }

    /// <summary>The smallest; null where it was not given. Summaries have none.</summary>
    public double? Min { get; internal set; }

    /// <summary>The largest; null where it was not given. Summaries have none.</summary>
    public double? Max { get; internal set; }

    /// <summary>Exponential histograms: a bucket's upper bound is its lower one times two to the power of two to the power of minus this.</summary>
    public int Scale { get; internal set; }

    /// <summary>Exponential histograms: how many values were as good as zero.</summary>
    public ulong ZeroCount { get; internal set; }

    /// <summary>Exponential histograms: what is as good as zero.</summary>
    public double ZeroThreshold { get; internal set; }

    /// <summary>Exponential histograms: the index of the first positive bucket.</summary>
    public int PositiveOffset { get; internal set; }

    /// <summary>Exponential histograms: the index of the first negative bucket.</summary>
    public int NegativeOffset { get; internal set; }

    internal int CountStart { get; set; }

    /// <summary>Buckets of a histogram, positive ones of an exponential histogram.</summary>
    internal int BucketCount { get; set; }

    /// <summary>Negative buckets of an exponential histogram; they stand behind the positive ones.</summary>
    internal int NegativeBucketCount { get; set; }

    internal int NumberStart { get; set; }

    /// <summary>Bounds of a histogram; quantiles and their values, in turn, of a summary.</summary>
    internal int NumberCount { get; set; }
}
