using System.Text;
using Google.Protobuf.Collections;
using Hostwire.Otlp;
using Hostwire.Tests.Otlp.Generated;
using Temporality = Hostwire.Metrics.Temporality;

namespace Hostwire.Tests.Otlp;

/// <summary>Holds what our decoder found against what protoc's parser found, point by point and bit by bit.</summary>
internal sealed class DecodedComparer(byte[] record, DecodedRecord decoded)
{
    private int _metric;
    private int _point;
    private int _resource;
    private int _distribution;

    /// <summary>The refusals of ours that a well-formed record deserves; none where it has to be taken.</summary>
    public static HashSet<DecodeError> Refusals(ExportMetricsServiceRequest request)
    {
        var refusals = new HashSet<DecodeError>();
        foreach (Metric metric in request.ResourceMetrics.SelectMany(resource => resource.ScopeMetrics).SelectMany(scope => scope.Metrics))
        {
            bool hasPoints = Numbers(metric).Count + Distributions(metric).Length > 0;
            _ = hasPoints && metric.Name.Length == 0 && refusals.Add(DecodeError.MetricNameMissing);
            _ = hasPoints && TemporalityOf(metric) is { } temporality && (int)temporality is not (1 or 2) && refusals.Add(DecodeError.TemporalityMissing);
            _ = (Numbers(metric).Any(point => point.TimeUnixNano == 0) || Distributions(metric).Any(point => point.Time == 0)) && refusals.Add(DecodeError.TimeMissing);
            foreach (HistogramDataPoint point in metric.Histogram?.DataPoints ?? [])
            {
                _ = point.BucketCounts.Count > 0 && point.BucketCounts.Count != point.ExplicitBounds.Count + 1 && refusals.Add(DecodeError.BucketsMismatched);
                _ = point.BucketCounts.Count == point.ExplicitBounds.Count + 1 && !Ascends(point.ExplicitBounds) && refusals.Add(DecodeError.BoundsDisordered);
            }
        }

        return refusals;
    }

    public void AssertEqual(ExportMetricsServiceRequest request)
    {
        foreach (ResourceMetrics resource in request.ResourceMetrics)
        {
            int resourceIndex = _resource;
            foreach (ScopeMetrics scope in resource.ScopeMetrics)
            {
                foreach (Metric metric in scope.Metrics)
                {
                    AssertMetric(metric, scope, resourceIndex);
                }
            }

            if (_resource > resourceIndex)
            {
                AssertResource(resource.Resource ?? new Resource(), decoded.Resources[resourceIndex]);
            }
        }

        Assert.Equal(
            (_resource, _metric, _point, _distribution),
            (decoded.Resources.Length, decoded.Metrics.Length, decoded.Points.Length, decoded.Distributions.Length));
    }

    private void AssertMetric(Metric metric, ScopeMetrics scope, int resourceIndex)
    {
        RepeatedField<NumberDataPoint> numbers = Numbers(metric);
        Distribution[] distributions = Distributions(metric);
        if (numbers.Count + distributions.Length == 0)
        {
            return;
        }

        _resource = resourceIndex + 1;
        DecodedMetric found = decoded.Metrics[_metric];
        Assert.Equal(
            (resourceIndex, scope.Scope?.Name ?? "", metric.Name, metric.Unit, metric.Description, (int)metric.DataCase),
            (found.ResourceIndex, Text(found.ScopeName), Text(found.Name), Text(found.Unit), Text(found.Description), (int)found.Kind));
        Assert.Equal(
            (metric.Sum?.IsMonotonic ?? false, (Temporality)(int)(TemporalityOf(metric) ?? AggregationTemporality.Unspecified)),
            (found.IsMonotonic, found.Temporality));
        foreach (NumberDataPoint point in numbers)
        {
            AssertPoint(point, decoded.Points[_point++]);
        }

        foreach (Distribution distribution in distributions)
        {
            AssertDistribution(distribution, decoded.Distributions[_distribution++]);
        }

        _metric++;
    }

    private void AssertPoint(NumberDataPoint point, in DecodedPoint found)
    {
        (double value, bool isInexact) = point.ValueCase == NumberDataPoint.ValueOneofCase.AsInt
            ? (point.AsInt, new System.Numerics.BigInteger((double)point.AsInt) != point.AsInt)
            : (point.AsDouble, false);
        Assert.Equal(
            (_metric, point.TimeUnixNano, BitConverter.DoubleToInt64Bits(value), isInexact, point.ValueCase != NumberDataPoint.ValueOneofCase.None && (point.Flags & 1) == 0),
            (found.MetricIndex, found.TimeUnixNano, BitConverter.DoubleToInt64Bits(found.Value), found.IsInexact, found.HasValue));
        AssertAttributes(point.Attributes, decoded.AttributesOf(found));
        if (found.AttributeBytes.Length > 0)
        {
            // The bytes stand for the attributes, so they must be all of them and nothing else.
            var alone = NumberDataPoint.Parser.ParseFrom(found.AttributeBytes.In(record));
            Assert.Equal(new NumberDataPoint { Attributes = { point.Attributes } }, alone);
        }
    }

    private void AssertDistribution(Distribution expected, in DecodedDistribution found)
    {
        string Text(Distribution distribution) => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"""
            {distribution.Time} {distribution.HasValue} {distribution.Count} {Bits(distribution.Sum)} {Bits(distribution.Min)} {Bits(distribution.Max)}
            {string.Join(' ', distribution.Buckets)} / {string.Join(' ', distribution.Numbers.Select(number => Bits(number)))} / {string.Join(' ', distribution.Negative)}
            {distribution.Scale} {distribution.ZeroCount} {Bits(distribution.ZeroThreshold)} {distribution.PositiveOffset} {distribution.NegativeOffset}
            """);

        Assert.Equal(_metric, found.MetricIndex);
        Assert.Equal(Text(expected), Text(new Distribution
        {
            Time = found.TimeUnixNano,
            HasValue = found.HasValue,
            Count = found.Count,
            Sum = found.Sum,
            Min = found.Min,
            Max = found.Max,
            Buckets = decoded.BucketsOf(found).ToArray(),
            Numbers = decoded.NumbersOf(found).ToArray(),
            Negative = decoded.NegativeBucketsOf(found).ToArray(),
            Scale = found.Scale,
            ZeroCount = found.ZeroCount,
            ZeroThreshold = found.ZeroThreshold,
            PositiveOffset = found.PositiveOffset,
            NegativeOffset = found.NegativeOffset,
        }));
        AssertAttributes(expected.Attributes, decoded.AttributesOf(found));
        if (found.AttributeBytes.Length > 0)
        {
            Assert.Equal(expected.Attributes, expected.ParseAttributes(found.AttributeBytes.In(record).ToArray()));
        }
    }

    private static string Bits(double? value) => value is { } number ? BitConverter.DoubleToInt64Bits(number).ToString("x", System.Globalization.CultureInfo.InvariantCulture) : "none";

    private void AssertResource(Resource resource, in DecodedResource found)
    {
        AssertAttributes(resource.Attributes, decoded.AttributesOf(found));
        if (found.Raw.Length > 0)
        {
            Assert.Equal(resource, Resource.Parser.ParseFrom(found.Raw.In(record)));
        }
    }

    private void AssertAttributes(RepeatedField<KeyValue> attributes, ReadOnlySpan<DecodedAttribute> found)
    {
        Assert.Equal(attributes.Count, found.Length);
        for (int i = 0; i < found.Length; i++)
        {
            Assert.Equal(attributes[i].Key, Text(found[i].Key));
            AssertValue(attributes[i].Value ?? new AnyValue(), new AnyValueReader(record, found[i]));
        }
    }

    private static void AssertValue(AnyValue value, AnyValueReader found)
    {
        switch (value.ValueCase)
        {
            case AnyValue.ValueOneofCase.StringValue:
                Assert.Equal((AnyValueKind.String, value.StringValue), (found.Kind, Encoding.UTF8.GetString(found.Bytes)));
                break;
            case AnyValue.ValueOneofCase.BoolValue:
                Assert.Equal((AnyValueKind.Bool, value.BoolValue), (found.Kind, found.Bool));
                break;
            case AnyValue.ValueOneofCase.IntValue:
                Assert.Equal((AnyValueKind.Int, value.IntValue), (found.Kind, found.Int));
                break;
            case AnyValue.ValueOneofCase.DoubleValue:
                Assert.Equal((AnyValueKind.Double, BitConverter.DoubleToInt64Bits(value.DoubleValue)), (found.Kind, BitConverter.DoubleToInt64Bits(found.Double)));
                break;
            case AnyValue.ValueOneofCase.BytesValue:
                Assert.Equal(AnyValueKind.Bytes, found.Kind);
                Assert.True(value.BytesValue.Span.SequenceEqual(found.Bytes));
                break;
            case AnyValue.ValueOneofCase.ArrayValue:
                Assert.Equal(AnyValueKind.Array, found.Kind);
                AssertItems([.. value.ArrayValue.Values.Select(item => new KeyValue { Value = item })], found.Items);
                break;
            case AnyValue.ValueOneofCase.KvlistValue:
                Assert.Equal(AnyValueKind.KeyValueList, found.Kind);
                AssertItems([.. value.KvlistValue.Values], found.Items);
                break;
            default:
                Assert.Equal(AnyValueKind.Empty, found.Kind);
                break;
        }
    }

    private static void AssertItems(KeyValue[] items, AnyValueItems found)
    {
        int count = 0;
        foreach (AnyValueItems item in found)
        {
            Assert.Equal(items[count].Key, Encoding.UTF8.GetString(item.Key));
            AssertValue(items[count].Value ?? new AnyValue(), item.Value);
            count++;
        }

        Assert.Equal(items.Length, count);
    }

    private static RepeatedField<NumberDataPoint> Numbers(Metric metric) => metric.Gauge?.DataPoints ?? metric.Sum?.DataPoints ?? [];

    private static Distribution[] Distributions(Metric metric) => metric.DataCase switch
    {
        Metric.DataOneofCase.Histogram => [.. metric.Histogram.DataPoints.Select(Distribution.Of)],
        Metric.DataOneofCase.ExponentialHistogram => [.. metric.ExponentialHistogram.DataPoints.Select(Distribution.Of)],
        Metric.DataOneofCase.Summary => [.. metric.Summary.DataPoints.Select(Distribution.Of)],
        _ => [],
    };

    private static AggregationTemporality? TemporalityOf(Metric metric) => metric.DataCase switch
    {
        Metric.DataOneofCase.Sum => metric.Sum.AggregationTemporality,
        Metric.DataOneofCase.Histogram => metric.Histogram.AggregationTemporality,
        Metric.DataOneofCase.ExponentialHistogram => metric.ExponentialHistogram.AggregationTemporality,
        _ => null,
    };

    private static bool Ascends(IReadOnlyList<double> bounds) =>
        bounds.All(double.IsFinite) && bounds.Zip(bounds.Skip(1)).All(pair => pair.First < pair.Second);

    private string Text(ByteRange range) => Encoding.UTF8.GetString(range.In(record));
}
