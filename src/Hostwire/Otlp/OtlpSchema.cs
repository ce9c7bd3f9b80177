using static Hostwire.Otlp.OtlpCardinality;

namespace Hostwire.Otlp;

/// <summary>The fields of every message of OTLP metrics (opentelemetry-proto 1.11), in the order of their numbers.</summary>
/// <remarks>
/// For what is off the hot path: checking what the decoder does not keep, and printing JSON. Our tests hold it against the classes that
/// protoc generates.
/// </remarks>
internal static class OtlpSchema
{
    private static readonly OtlpField[] Request =
    [
        new(1, "resourceMetrics", OtlpFieldType.Message, Repeated, OtlpMessage.ResourceMetrics),
    ];

    private static readonly OtlpField[] ResourceMetrics =
    [
        new(1, "resource", OtlpFieldType.Message, Optional, OtlpMessage.Resource),
        new(2, "scopeMetrics", OtlpFieldType.Message, Repeated, OtlpMessage.ScopeMetrics),
        new(3, "schemaUrl", OtlpFieldType.String),
    ];

    private static readonly OtlpField[] Resource =
    [
        new(1, "attributes", OtlpFieldType.Message, Repeated, OtlpMessage.KeyValue),
        new(2, "droppedAttributesCount", OtlpFieldType.UInt32),
        new(3, "entityRefs", OtlpFieldType.Message, Repeated, OtlpMessage.EntityRef),
    ];

    private static readonly OtlpField[] EntityRef =
    [
        new(1, "schemaUrl", OtlpFieldType.String),
        new(2, "type", OtlpFieldType.String),
        new(3, "idKeys", OtlpFieldType.String, Repeated),
        new(4, "descriptionKeys", OtlpFieldType.String, Repeated),
    ];

    private static readonly OtlpField[] ScopeMetrics =
    [
        new(1, "scope", OtlpFieldType.Message, Optional, OtlpMessage.Scope),
        new(2, "metrics", OtlpFieldType.Message, Repeated, OtlpMessage.Metric),
        new(3, "schemaUrl", OtlpFieldType.String),
    ];

    private static readonly OtlpField[] Scope =
    [
        new(1, "name", OtlpFieldType.String),
        new(2, "version", OtlpFieldType.String),
        new(3, "attributes", OtlpFieldType.Message, Repeated, OtlpMessage.KeyValue),
        new(4, "droppedAttributesCount", OtlpFieldType.UInt32),
    ];

    private static readonly OtlpField[] Metric =
    [
        new(1, "name", OtlpFieldType.String),
        new(2, "description", OtlpFieldType.String),
        new(3, "unit", OtlpFieldType.String),
        new(5, "gauge", OtlpFieldType.Message, Oneof, OtlpMessage.Gauge),
        new(7, "sum", OtlpFieldType.Message, Oneof, OtlpMessage.Sum),
        new(9, "histogram", OtlpFieldType.Message, Oneof, OtlpMessage.Histogram),
        new(10, "exponentialHistogram", OtlpFieldType.Message, Oneof, OtlpMessage.ExponentialHistogram),
        new(11, "summary", OtlpFieldType.Message, Oneof, OtlpMessage.Summary),
        new(12, "metadata", OtlpFieldType.Message, Repeated, OtlpMessage.KeyValue),
    ];

    private static readonly OtlpField[] Gauge =
    [
        new(1, "dataPoints", OtlpFieldType.Message, Repeated, OtlpMessage.NumberPoint),
    ];

    private static readonly OtlpField[] Sum =
    [
        new(1, "dataPoints", OtlpFieldType.Message, Repeated, OtlpMessage.NumberPoint),
        new(2, "aggregationTemporality", OtlpFieldType.Int32),
        new(3, "isMonotonic", OtlpFieldType.Bool),
    ];

    private static readonly OtlpField[] Histogram =
    [
        new(1, "dataPoints", OtlpFieldType.Message, Repeated, OtlpMessage.HistogramPoint),
        new(2, "aggregationTemporality", OtlpFieldType.Int32),
    ];

    private static readonly OtlpField[] ExponentialHistogram =
    [
        new(1, "dataPoints", OtlpFieldType.Message, Repeated, OtlpMessage.ExponentialHistogramPoint),
        new(2, "aggregationTemporality", OtlpFieldType.Int32),
    ];

    private static readonly OtlpField[] Summary =
    [
        new(1, "dataPoints", OtlpFieldType.Message, Repeated, OtlpMessage.SummaryPoint),
    ];

    private static readonly OtlpField[] NumberPoint =
    [
        new(2, "startTimeUnixNano", OtlpFieldType.Fixed64),
        new(3, "timeUnixNano", OtlpFieldType.Fixed64),
        new(4, "asDouble", OtlpFieldType.Double, Oneof),
        new(5, "exemplars", OtlpFieldType.Message, Repeated, OtlpMessage.Exemplar),
        new(6, "asInt", OtlpFieldType.SFixed64, Oneof),
        new(7, "attributes", OtlpFieldType.Message, Repeated, OtlpMessage.KeyValue),
        new(8, "flags", OtlpFieldType.UInt32),
    ];

    private static readonly OtlpField[] HistogramPoint =
    [
        new(2, "startTimeUnixNano", OtlpFieldType.Fixed64),
        new(3, "timeUnixNano", OtlpFieldType.Fixed64),
        new(4, "count", OtlpFieldType.Fixed64),
        new(5, "sum", OtlpFieldType.Double, Optional),
        new(6, "bucketCounts", OtlpFieldType.Fixed64, Repeated),
        new(7, "explicitBounds", OtlpFieldType.Double, Repeated),
        new(8, "exemplars", OtlpFieldType.Message, Repeated, OtlpMessage.Exemplar),
        new(9, "attributes", OtlpFieldType.Message, Repeated, OtlpMessage.KeyValue),
        new(10, "flags", OtlpFieldType.UInt32),
        new(11, "min", OtlpFieldType.Double, Optional),
        new(12, "max", OtlpFieldType.Double, Optional),
    ];

    private static readonly OtlpField[] ExponentialHistogramPoint =
    [
        new(1, "attributes", OtlpFieldType.Message, Repeated, OtlpMessage.KeyValue),
        new(2, "startTimeUnixNano", OtlpFieldType.Fixed64),
        new(3, "timeUnixNano", OtlpFieldType.Fixed64),
        new(4, "count", OtlpFieldType.Fixed64),
        new(5, "sum", OtlpFieldType.Double, Optional),
        new(6, "scale", OtlpFieldType.SInt32),
        new(7, "zeroCount", OtlpFieldType.Fixed64),
        new(8, "positive", OtlpFieldType.Message, Optional, OtlpMessage.Buckets),
        new(9, "negative", OtlpFieldType.Message, Optional, OtlpMessage.Buckets),
        new(10, "flags", OtlpFieldType.UInt32),
        new(11, "exemplars", OtlpFieldType.Message, Repeated, OtlpMessage.Exemplar),
        new(12, "min", OtlpFieldType.Double, Optional),
        new(13, "max", OtlpFieldType.Double, Optional),
        new(14, "zeroThreshold", OtlpFieldType.Double),
    ];

    private static readonly OtlpField[] Buckets =
    [
        new(1, "offset", OtlpFieldType.SInt32),
        new(2, "bucketCounts", OtlpFieldType.UInt64, Repeated),
    ];

    private static readonly OtlpField[] SummaryPoint =
    [
        new(2, "startTimeUnixNano", OtlpFieldType.Fixed64),
        new(3, "timeUnixNano", OtlpFieldType.Fixed64),
        new(4, "count", OtlpFieldType.Fixed64),
        new(5, "sum", OtlpFieldType.Double),
        new(6, "quantileValues", OtlpFieldType.Message, Repeated, OtlpMessage.Quantile),
        new(7, "attributes", OtlpFieldType.Message, Repeated, OtlpMessage.KeyValue),
        new(8, "flags", OtlpFieldType.UInt32),
    ];

    private static readonly OtlpField[] Quantile =
    [
        new(1, "quantile", OtlpFieldType.Double),
        new(2, "value", OtlpFieldType.Double),
    ];

    private static readonly OtlpField[] Exemplar =
    [
        new(2, "timeUnixNano", OtlpFieldType.Fixed64),
        new(3, "asDouble", OtlpFieldType.Double, Oneof),
        new(4, "spanId", OtlpFieldType.HexBytes),
        new(5, "traceId", OtlpFieldType.HexBytes),
        new(6, "asInt", OtlpFieldType.SFixed64, Oneof),
        new(7, "filteredAttributes", OtlpFieldType.Message, Repeated, OtlpMessage.KeyValue),
    ];

    private static readonly OtlpField[] KeyValue =
    [
        new(1, "key", OtlpFieldType.String),
        new(2, "value", OtlpFieldType.Message, Optional, OtlpMessage.AnyValue),
        new(3, "keyStrindex", OtlpFieldType.Int32),
    ];

    private static readonly OtlpField[] AnyValue =
    [
        new(1, "stringValue", OtlpFieldType.String, Oneof),
        new(2, "boolValue", OtlpFieldType.Bool, Oneof),
        new(3, "intValue", OtlpFieldType.Int64, Oneof),
        new(4, "doubleValue", OtlpFieldType.Double, Oneof),
        new(5, "arrayValue", OtlpFieldType.Message, Oneof, OtlpMessage.Array),
        new(6, "kvlistValue", OtlpFieldType.Message, Oneof, OtlpMessage.KeyValueList),
        new(7, "bytesValue", OtlpFieldType.Bytes, Oneof),
        new(8, "stringValueStrindex", OtlpFieldType.Int32, Oneof),
    ];

    private static readonly OtlpField[] Array =
    [
        new(1, "values", OtlpFieldType.Message, Repeated, OtlpMessage.AnyValue),
    ];

    private static readonly OtlpField[] KeyValueList =
    [
        new(1, "values", OtlpFieldType.Message, Repeated, OtlpMessage.KeyValue),
    ];

    /// <summary>The fields of a message, in the order of their numbers.</summary>
    public static ReadOnlySpan<OtlpField> FieldsOf(OtlpMessage message) => message switch
    {
        OtlpMessage.Request => Request,
        OtlpMessage.ResourceMetrics => ResourceMetrics,
        OtlpMessage.Resource => Resource,
        OtlpMessage.EntityRef => EntityRef,
        OtlpMessage.ScopeMetrics => ScopeMetrics,
        OtlpMessage.Scope => Scope,
        OtlpMessage.Metric => Metric,
        OtlpMessage.Gauge => Gauge,
        OtlpMessage.Sum => Sum,
        OtlpMessage.Histogram => Histogram,
        OtlpMessage.ExponentialHistogram => ExponentialHistogram,
        OtlpMessage.Summary => Summary,
        OtlpMessage.NumberPoint => NumberPoint,
        OtlpMessage.HistogramPoint => HistogramPoint,
        OtlpMessage.ExponentialHistogramPoint => ExponentialHistogramPoint,
        OtlpMessage.Buckets => Buckets,
        OtlpMessage.SummaryPoint => SummaryPoint,
        OtlpMessage.Quantile => Quantile,
        OtlpMessage.Exemplar => Exemplar,
        OtlpMessage.KeyValue => KeyValue,
        OtlpMessage.AnyValue => AnyValue,
        OtlpMessage.Array => Array,
        OtlpMessage.KeyValueList => KeyValueList,
        _ => throw new ArgumentOutOfRangeException(nameof(message)),
    };
}
