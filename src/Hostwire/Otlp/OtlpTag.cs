namespace Hostwire.Otlp;

/// <summary>The tags that the encoder writes and the decoder acts on: field number times eight, plus the wire type.</summary>
internal static class OtlpTag
{
    public const uint RequestResourceMetrics = (1 << 3) | WireTag.Length;

    public const uint ResourceMetricsResource = (1 << 3) | WireTag.Length;
    public const uint ResourceMetricsScopeMetrics = (2 << 3) | WireTag.Length;

    public const uint ResourceAttributes = (1 << 3) | WireTag.Length;

    public const uint ScopeMetricsScope = (1 << 3) | WireTag.Length;
    public const uint ScopeMetricsMetrics = (2 << 3) | WireTag.Length;

    public const uint ScopeName = (1 << 3) | WireTag.Length;
    public const uint ScopeVersion = (2 << 3) | WireTag.Length;

    public const uint MetricName = (1 << 3) | WireTag.Length;
    public const uint MetricDescription = (2 << 3) | WireTag.Length;
    public const uint MetricUnit = (3 << 3) | WireTag.Length;
    public const uint MetricGauge = (5 << 3) | WireTag.Length;
    public const uint MetricSum = (7 << 3) | WireTag.Length;
    public const uint MetricHistogram = (9 << 3) | WireTag.Length;
    public const uint MetricExponentialHistogram = (10 << 3) | WireTag.Length;
    public const uint MetricSummary = (11 << 3) | WireTag.Length;

    /// <summary>Of every kind of data: gauge, sum and the others.</summary>
    public const uint DataPoints = (1 << 3) | WireTag.Length;
    public const uint SumTemporality = (2 << 3) | WireTag.Varint;
    public const uint SumIsMonotonic = (3 << 3) | WireTag.Varint;

    public const uint PointStartTime = (2 << 3) | WireTag.Fixed64;
    public const uint PointTime = (3 << 3) | WireTag.Fixed64;
    public const uint PointAsDouble = (4 << 3) | WireTag.Fixed64;
    public const uint PointAsInt = (6 << 3) | WireTag.Fixed64;
    public const uint PointAttributes = (7 << 3) | WireTag.Length;
    public const uint PointFlags = (8 << 3) | WireTag.Varint;

    /// <summary>Of histograms, plain and exponential; a summary has none.</summary>
    public const uint HistogramTemporality = (2 << 3) | WireTag.Varint;

    public const uint HistogramTime = (3 << 3) | WireTag.Fixed64;
    public const uint HistogramCount = (4 << 3) | WireTag.Fixed64;
    public const uint HistogramSum = (5 << 3) | WireTag.Fixed64;
    public const uint HistogramBucketCounts = (6 << 3) | WireTag.Length;
    public const uint HistogramBucketCount = (6 << 3) | WireTag.Fixed64;
    public const uint HistogramBounds = (7 << 3) | WireTag.Length;
    public const uint HistogramBound = (7 << 3) | WireTag.Fixed64;
    public const uint HistogramAttributes = (9 << 3) | WireTag.Length;
    public const uint HistogramFlags = (10 << 3) | WireTag.Varint;
    public const uint HistogramMin = (11 << 3) | WireTag.Fixed64;
    public const uint HistogramMax = (12 << 3) | WireTag.Fixed64;

    public const uint ExponentialAttributes = (1 << 3) | WireTag.Length;
    public const uint ExponentialTime = (3 << 3) | WireTag.Fixed64;
    public const uint ExponentialCount = (4 << 3) | WireTag.Fixed64;
    public const uint ExponentialSum = (5 << 3) | WireTag.Fixed64;
    public const uint ExponentialScale = (6 << 3) | WireTag.Varint;
    public const uint ExponentialZeroCount = (7 << 3) | WireTag.Fixed64;
    public const uint ExponentialPositive = (8 << 3) | WireTag.Length;
    public const uint ExponentialNegative = (9 << 3) | WireTag.Length;
    public const uint ExponentialFlags = (10 << 3) | WireTag.Varint;
    public const uint ExponentialMin = (12 << 3) | WireTag.Fixed64;
    public const uint ExponentialMax = (13 << 3) | WireTag.Fixed64;
    public const uint ExponentialZeroThreshold = (14 << 3) | WireTag.Fixed64;

    public const uint BucketsOffset = (1 << 3) | WireTag.Varint;
    public const uint BucketsCounts = (2 << 3) | WireTag.Length;
    public const uint BucketsCount = (2 << 3) | WireTag.Varint;

    public const uint SummaryTime = (3 << 3) | WireTag.Fixed64;
    public const uint SummaryCount = (4 << 3) | WireTag.Fixed64;
    public const uint SummarySum = (5 << 3) | WireTag.Fixed64;
    public const uint SummaryQuantiles = (6 << 3) | WireTag.Length;
    public const uint SummaryAttributes = (7 << 3) | WireTag.Length;
    public const uint SummaryFlags = (8 << 3) | WireTag.Varint;

    public const uint QuantileQuantile = (1 << 3) | WireTag.Fixed64;
    public const uint QuantileValue = (2 << 3) | WireTag.Fixed64;

    /// <summary>Not a tag: the bit of a point's flags that says that nothing was recorded.</summary>
    public const uint NoRecordedValue = 1;

    public const uint KeyValueKey = (1 << 3) | WireTag.Length;
    public const uint KeyValueValue = (2 << 3) | WireTag.Length;

    public const uint AnyValueString = (1 << 3) | WireTag.Length;
    public const uint AnyValueBool = (2 << 3) | WireTag.Varint;
    public const uint AnyValueInt = (3 << 3) | WireTag.Varint;
    public const uint AnyValueDouble = (4 << 3) | WireTag.Fixed64;
    public const uint AnyValueArray = (5 << 3) | WireTag.Length;
    public const uint AnyValueKvlist = (6 << 3) | WireTag.Length;
    public const uint AnyValueBytes = (7 << 3) | WireTag.Length;
    public const uint AnyValueStringIndex = (8 << 3) | WireTag.Varint;

    /// <summary>Of an array (any values) and of a key-value list (key-values) alike.</summary>
    public const uint ListValues = (1 << 3) | WireTag.Length;
}
