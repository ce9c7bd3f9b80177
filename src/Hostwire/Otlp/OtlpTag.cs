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
