using System.Globalization;
using Hostwire.Metrics;
using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>The mapping of histograms, exponential histograms and summaries to series; <c>docs/schema.md</c> tells it to people.</summary>
internal static class DistributionParts
{
    /// <summary>The numbers of a point, in the order in which its series are made. Allocates nothing once the list has grown.</summary>
    public static void List(DecodedRecord decoded, in DecodedDistribution point, MetricDataKind kind, List<PartValue> parts)
    {
        parts.Clear();
        AddCount(parts, DistributionPart.Count, 0, point.Count);
        AddGiven(parts, DistributionPart.Sum, point.Sum);
        AddGiven(parts, DistributionPart.Min, point.Min);
        AddGiven(parts, DistributionPart.Max, point.Max);
        switch (kind)
        {
            case MetricDataKind.Histogram:
                AddBounded(parts, decoded.BucketsOf(point), decoded.NumbersOf(point));
                break;
            case MetricDataKind.ExponentialHistogram:
                parts.Add(new PartValue(DistributionPart.Scale, 0, point.Scale, IsInexact: false));
                AddCount(parts, DistributionPart.ZeroCount, 0, point.ZeroCount);
                // Hardly anybody sets it, and what is not there is zero.
                AddGiven(parts, DistributionPart.ZeroThreshold, BitConverter.DoubleToInt64Bits(point.ZeroThreshold) == 0 ? null : point.ZeroThreshold);
                AddPlaced(parts, DistributionPart.PositiveOffset, point.PositiveOffset, DistributionPart.PositiveBucket, decoded.BucketsOf(point));
                AddPlaced(parts, DistributionPart.NegativeOffset, point.NegativeOffset, DistributionPart.NegativeBucket, decoded.NegativeBucketsOf(point));
                break;
            default:
                AddQuantiles(parts, decoded.NumbersOf(point));
                break;
        }
    }

    /// <summary>The part's name in the database, and the end of its metric's name.</summary>
    public static string Name(DistributionPart part) => part switch
    {
        DistributionPart.Count => "count",
        DistributionPart.Sum => "sum",
        DistributionPart.Min => "min",
        DistributionPart.Max => "max",
        DistributionPart.Bucket => "bucket",
        DistributionPart.Scale => "scale",
        DistributionPart.ZeroCount => "zero_count",
        DistributionPart.ZeroThreshold => "zero_threshold",
        DistributionPart.PositiveOffset => "positive_offset",
        DistributionPart.PositiveBucket => "positive_bucket",
        DistributionPart.NegativeOffset => "negative_offset",
        DistributionPart.NegativeBucket => "negative_bucket",
        DistributionPart.Quantile => "quantile",
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };

    /// <summary>What the values of a part are.</summary>
    /// <remarks>
    /// A sum only grows by OTLP's own rule: where values can be negative it must be left out. A bucket of an exponential histogram is known by its
    /// place, and may stand for another range at the next point: it is a number that goes up and down, and has no rate.
    /// </remarks>
    public static MetricKind Kind(DistributionPart part) => part switch
    {
        DistributionPart.Count or DistributionPart.Sum or DistributionPart.Bucket or DistributionPart.ZeroCount => MetricKind.Counter,
        DistributionPart.PositiveBucket or DistributionPart.NegativeBucket => MetricKind.UpDown,
        _ => MetricKind.Gauge,
    };

    /// <summary>The unit of a part: that of what was observed, or 1 for counts and places.</summary>
    public static string Unit(DistributionPart part, string unit) => part switch
    {
        DistributionPart.Sum or DistributionPart.Min or DistributionPart.Max or DistributionPart.ZeroThreshold or DistributionPart.Quantile => unit,
        _ => "1",
    };

    /// <summary>What tells series of one part apart, as an attribute to be read; null where there is one only.</summary>
    public static (string Key, string Value)? Label(DistributionPart part, long label) => part switch
    {
        DistributionPart.Bucket => ("le", Text(BitConverter.Int64BitsToDouble(label))),
        DistributionPart.PositiveBucket or DistributionPart.NegativeBucket => ("place", label.ToString(CultureInfo.InvariantCulture)),
        DistributionPart.Quantile => ("quantile", Text(BitConverter.Int64BitsToDouble(label))),
        _ => null,
    };

    // The shortest text that reads back as the same bits; infinity as Prometheus writes it and PostgreSQL reads it.
    private static string Text(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static void AddCount(List<PartValue> parts, DistributionPart part, long label, UInt128 count)
    {
        double value = (double)count;
        parts.Add(new PartValue(part, label, value, IsInexact: (UInt128)value != count));
    }

    private static void AddGiven(List<PartValue> parts, DistributionPart part, double? value)
    {
        if (value is { } given)
        {
            parts.Add(new PartValue(part, 0, given, IsInexact: false));
        }
    }

    private static void AddBounded(List<PartValue> parts, ReadOnlySpan<ulong> buckets, ReadOnlySpan<double> bounds)
    {
        UInt128 atMost = 0;
        for (int index = 0; index < buckets.Length; index++)
        {
            atMost += buckets[index];
            double bound = index < bounds.Length ? bounds[index] : double.PositiveInfinity;
            AddCount(parts, DistributionPart.Bucket, BitConverter.DoubleToInt64Bits(bound), atMost);
        }
    }

    private static void AddPlaced(List<PartValue> parts, DistributionPart offsetPart, int offset, DistributionPart part, ReadOnlySpan<ulong> buckets)
    {
        if (buckets.Length > 0)
        {
            parts.Add(new PartValue(offsetPart, 0, offset, IsInexact: false));
        }

        for (int place = 0; place < buckets.Length; place++)
        {
            AddCount(parts, part, place, buckets[place]);
        }
    }

    private static void AddQuantiles(List<PartValue> parts, ReadOnlySpan<double> quantiles)
    {
        for (int index = 0; index + 1 < quantiles.Length; index += 2)
        {
            parts.Add(new PartValue(DistributionPart.Quantile, BitConverter.DoubleToInt64Bits(quantiles[index]), quantiles[index + 1], IsInexact: false));
        }
    }
}
