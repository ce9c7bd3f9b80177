namespace Hostwire.Sink;

/// <summary>One number of a point of a histogram, an exponential histogram or a summary.</summary>
/// <param name="Part">What it is.</param>
/// <param name="Label">Of which bucket or quantile: the bits of the bound or quantile, or the place; 0 where there is one only.</param>
/// <param name="Value">The number.</param>
/// <param name="IsInexact">It was a whole number that no double equals.</param>
internal readonly record struct PartValue(DistributionPart Part, long Label, double Value, bool IsInexact);
