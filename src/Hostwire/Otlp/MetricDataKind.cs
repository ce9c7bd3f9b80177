namespace Hostwire.Otlp;

/// <summary>Which kind of points a metric carries; the numbers are the field numbers of OTLP's <c>Metric.data</c>.</summary>
public enum MetricDataKind
{
    /// <summary>No data at all; such metrics have no points and so no entry in a <see cref="DecodedRecord"/>.</summary>
    None = 0,

    /// <summary>Readings that stand for themselves.</summary>
    Gauge = 5,

    /// <summary>Totals or differences.</summary>
    Sum = 7,

    /// <summary>Counts in buckets with explicit bounds.</summary>
    Histogram = 9,

    /// <summary>Counts in buckets with exponential bounds.</summary>
    ExponentialHistogram = 10,

    /// <summary>Quantiles computed by the sender.</summary>
    Summary = 11,
}
