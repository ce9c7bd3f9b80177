namespace Hostwire.Sink;

/// <summary>What one number of a histogram, an exponential histogram or a summary is; each is stored as a series of its own.</summary>
/// <remarks>The numbers are part of identities, so they must never change.</remarks>
internal enum DistributionPart : byte
{
    /// <summary>How many values were observed.</summary>
    Count = 1,

    /// <summary>Their sum.</summary>
    Sum = 2,

    /// <summary>The smallest.</summary>
    Min = 3,

    /// <summary>The largest.</summary>
    Max = 4,

    /// <summary>Histogram: how many were at most the bound, its label. The last bound is infinity.</summary>
    Bucket = 5,

    /// <summary>Exponential histogram: the scale.</summary>
    Scale = 6,

    /// <summary>Exponential histogram: how many were as good as zero.</summary>
    ZeroCount = 7,

    /// <summary>Exponential histogram: what is as good as zero.</summary>
    ZeroThreshold = 8,

    /// <summary>Exponential histogram: the index of the first positive bucket.</summary>
    PositiveOffset = 9,

    /// <summary>Exponential histogram: how many were in the positive bucket at a place, its label, counted from the first.</summary>
    PositiveBucket = 10,

    /// <summary>Exponential histogram: the index of the first negative bucket.</summary>
    NegativeOffset = 11,

    /// <summary>Exponential histogram: how many were in the negative bucket at a place, its label, counted from the first.</summary>
    NegativeBucket = 12,

    /// <summary>Summary: the value at a quantile, its label.</summary>
    Quantile = 13,
}
