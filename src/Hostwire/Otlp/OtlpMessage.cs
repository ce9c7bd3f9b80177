namespace Hostwire.Otlp;

/// <summary>The messages of OTLP metrics, as <see cref="OtlpSchema"/> describes them.</summary>
internal enum OtlpMessage
{
    None,
    Request,
    ResourceMetrics,
    Resource,
    EntityRef,
    ScopeMetrics,
    Scope,
    Metric,
    Gauge,
    Sum,
    Histogram,
    ExponentialHistogram,
    Summary,
    NumberPoint,
    HistogramPoint,
    ExponentialHistogramPoint,
    Buckets,
    SummaryPoint,
    Quantile,
    Exemplar,
    KeyValue,
    AnyValue,
    Array,
    KeyValueList,
}
