namespace Hostwire.EndToEnd;

/// <summary>Figures that were taken again and again.</summary>
internal static class Sample
{
    /// <summary>The one in the middle; of an even number the mean of two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The least value that is not exceeded by this share of them (nearest rank).</summary>
    /// <param name="sorted">In ascending order; at least one.</param>
    /// <param name="share">From 0 to 1.</param>
    public static double Quantile(ReadOnlySpan<double> sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
