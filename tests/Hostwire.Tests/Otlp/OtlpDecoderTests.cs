using System.Text;
using Google.Protobuf;
using Hostwire.Otlp;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Otlp;

public sealed class OtlpDecoderTests
{
    private const ulong Time = 1_795_446_423_471_806_226;

    private static readonly NumberDataPoint One = new() { TimeUnixNano = Time, AsDouble = 1 };
    private static readonly NumberDataPoint Two = new() { TimeUnixNano = Time, AsDouble = 2 };

    private readonly DecodedRecord _decoded = new();

    [Theory]
    [InlineData("0A", DecodeError.Truncated, 1)]
    [InlineData("0A05", DecodeError.Truncated, 1)]
    [InlineData("0A020A01", DecodeError.Truncated, 3)]
    [InlineData("09010203", DecodeError.Truncated, 1)]
    [InlineData("0D0102", DecodeError.Truncated, 1)]
    [InlineData("0880", DecodeError.Truncated, 1)]
    [InlineData("08FFFFFFFFFFFFFFFFFFFFFF01", DecodeError.MalformedVarint, 1)]
    [InlineData("00", DecodeError.InvalidTag, 0)]
    [InlineData("0A00050000", DecodeError.InvalidTag, 2)]
    [InlineData("0E", DecodeError.InvalidWireType, 1)]
    [InlineData("0F", DecodeError.InvalidWireType, 1)]
    [InlineData("0C", DecodeError.UnexpectedEndGroup, 0)]
    [InlineData("1314", DecodeError.None, 0)]
    [InlineData("131C", DecodeError.UnexpectedEndGroup, 1)]
    [InlineData("13", DecodeError.Truncated, 1)]
    [InlineData("0AFFFFFFFF0F", DecodeError.NegativeLength, 1)]
    [InlineData("0A031A01FF", DecodeError.InvalidUtf8, 4)]
    public void Malformed_bytes_are_refused_with_reason_and_place_as_the_generated_parser_refuses_them(string hex, DecodeError error, int position)
    {
        byte[] record = Convert.FromHexString(hex);
        Assert.Equal(new DecodeResult(error, position), OtlpDecoder.TryDecode(record, _decoded));
        Assert.Equal(error == DecodeError.None, GeneratedParser.TryParse(record, out _));
    }

    [Fact]
    public void A_packed_list_of_negative_length_is_empty_as_for_the_generated_parser()
    {
        byte[] bucketCounts = [0x32, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        byte[] countAfterIt = new HistogramDataPoint { Count = 7 }.ToByteArray();
        byte[] record = Wrap([.. Name("m"), .. Field(9, Field(1, [.. bucketCounts, .. countAfterIt]))]);

        Assert.True(GeneratedParser.TryParse(record, out ExportMetricsServiceRequest? request));
        Assert.Equal(7UL, request.ResourceMetrics[0].ScopeMetrics[0].Metrics[0].Histogram.DataPoints[0].Count);
        OtlpDecoder.TryDecode(record, _decoded);
        Assert.Equal((7UL, 0), (_decoded.Distributions[0].Count, _decoded.BucketsOf(_decoded.Distributions[0]).Length));
    }

    [Fact]
    public void Text_is_checked_whatever_its_length()
    {
        // The check has a way of its own for each length up to 16, and the way of attributes is another than that of names.
        for (int length = 1; length <= 40; length++)
        {
            for (int broken = 0; broken < length; broken++)
            {
                byte[] text = [.. Enumerable.Repeat((byte)'a', length)];
                text[broken] = 0x80;
                Assert.Equal(DecodeError.InvalidUtf8, OtlpDecoder.TryDecode(Wrap(Field(1, text)), _decoded).Error);
                byte[] attribute = Field(7, [.. Field(1, text), .. Field(2, Field(1, "v"u8.ToArray()))]);
                Assert.Equal(DecodeError.InvalidUtf8, OtlpDecoder.TryDecode(Wrap(Field(5, Field(1, attribute))), _decoded).Error);
            }
        }
    }

    [Fact]
    public void Every_reason_is_a_sentence_of_its_own()
    {
        string[] reasons = [.. Enum.GetValues<DecodeError>().Select(error => new DecodeResult(error, 7).Reason)];
        Assert.Equal(reasons.Length, reasons.Distinct(StringComparer.Ordinal).Count());
        Assert.All(reasons, reason => Assert.EndsWith(".", reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(45, true)]
    [InlineData(46, true)]
    [InlineData(47, false)]
    public void Attributes_nest_as_deep_as_the_generated_parser_lets_them(int arrays, bool accepted)
    {
        // Around it are resource metrics, scope metrics, metric, gauge, point, key-value and value; each array adds itself and its item.
        var value = new AnyValue { StringValue = "bottom" };
        for (int i = 0; i < arrays; i++)
        {
            value = new AnyValue { ArrayValue = new ArrayValue { Values = { value } } };
        }

        var point = new NumberDataPoint(One) { Attributes = { new KeyValue { Key = "deep", Value = value } } };
        byte[] record = Gauge("metric", point).ToByteArray();

        Assert.Equal(accepted, GeneratedParser.TryParse(record, out _));
        Assert.Equal(accepted ? DecodeError.None : DecodeError.TooDeep, OtlpDecoder.TryDecode(record, _decoded).Error);
    }

    [Fact]
    public void The_last_kind_of_data_counts_and_what_came_before_is_dropped()
    {
        byte[] metric = [.. Name("m"), .. Sum(One).ToByteArray(), .. new Metric { Gauge = new Gauge { DataPoints = { Two } } }.ToByteArray()];
        Decode(metric);
        Assert.Equal(MetricDataKind.Gauge, Assert.Single(_decoded.Metrics.ToArray()).Kind);
        Assert.Equal([2.0], Values());
    }

    [Fact]
    public void Data_given_in_pieces_is_one_whole()
    {
        byte[] flags = new Metric { Sum = new Sum { IsMonotonic = true, AggregationTemporality = AggregationTemporality.Delta } }.ToByteArray();
        byte[] metric = [.. new Metric { Sum = new Sum { DataPoints = { One } } }.ToByteArray(), .. new Metric { Sum = new Sum { DataPoints = { Two } } }.ToByteArray(), .. flags, .. Name("m")];
        Decode(metric);
        DecodedMetric found = Assert.Single(_decoded.Metrics.ToArray());
        Assert.Equal((true, Hostwire.Metrics.Temporality.Delta), (found.IsMonotonic, found.Temporality));
        Assert.Equal([1.0, 2.0], Values());
    }

    [Fact]
    public void Data_interrupted_by_another_kind_starts_anew()
    {
        byte[] metric = [.. Name("m"), .. Sum(One).ToByteArray(), .. new Metric { Summary = new Summary() }.ToByteArray(), .. Sum(Two).ToByteArray()];
        Decode(metric);
        Assert.Equal([2.0], Values());
    }

    [Fact]
    public void A_resource_may_come_after_its_metrics_and_in_pieces()
    {
        byte[] before = new ResourceMetrics { Resource = new Resource { Attributes = { Attribute("host.name", "web-1") } } }.ToByteArray();
        byte[] metrics = Gauge("m", One).ResourceMetrics[0].ToByteArray();
        byte[] after = new ResourceMetrics { Resource = new Resource { Attributes = { Attribute("host.id", "17") } } }.ToByteArray();
        byte[] record = Field(1, [.. before, .. metrics, .. after]);

        Assert.True(OtlpDecoder.TryDecode(record, _decoded).IsOk);
        DecodedResource resource = Assert.Single(_decoded.Resources.ToArray());
        Assert.Equal((2, 0), (resource.AttributeCount, resource.Raw.Length));
        Assert.Equal("host.name=web-1 host.id=17", Attributes(record, _decoded.AttributesOf(resource)));
    }

    [Fact]
    public void Resources_without_points_take_no_room()
    {
        var request = Gauge("m", One);
        request.ResourceMetrics.Insert(0, new ResourceMetrics { Resource = new Resource { Attributes = { Attribute("host.name", "silent") } } });
        Assert.True(OtlpDecoder.TryDecode(request.ToByteArray(), _decoded).IsOk);
        Assert.Equal((1, 0), (_decoded.Resources.Length, _decoded.Attributes.Length));
    }

    [Fact]
    public void A_value_given_in_pieces_is_merged()
    {
        byte[] first = Field(2, new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue { StringValue = "a" } } } }.ToByteArray());
        byte[] second = Field(2, new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue { StringValue = "b" } } } }.ToByteArray());
        byte[] point = [.. One.ToByteArray(), .. Field(7, [.. first, .. new KeyValue { Key = "k" }.ToByteArray(), .. second])];
        byte[] record = Decode([.. Name("m"), .. Field(5, Field(1, point))]);

        DecodedAttribute attribute = Assert.Single(_decoded.Attributes.ToArray());
        var items = new List<string>();
        foreach (AnyValueItems item in new AnyValueReader(record, attribute).Items)
        {
            items.Add(Encoding.UTF8.GetString(item.Value.Bytes));
        }

        Assert.True(attribute.IsSplit);
        Assert.Equal(["a", "b"], items, StringComparer.Ordinal);
    }

    [Fact]
    public void Attributes_that_other_fields_stand_between_have_no_bytes_of_their_own()
    {
        byte[] attribute = new NumberDataPoint { Attributes = { Attribute("k", "v") } }.ToByteArray();
        Decode([.. Name("m"), .. Field(5, [.. Field(1, [.. attribute, .. One.ToByteArray(), .. attribute]), .. Field(1, [.. One.ToByteArray(), .. attribute, .. attribute])])]);
        Assert.Equal([0, 2 * attribute.Length], _decoded.Points.ToArray().Select(point => point.AttributeBytes.Length));
        Assert.All(_decoded.Points.ToArray(), point => Assert.Equal(2, point.AttributeCount));
    }

    [Fact]
    public void A_stale_point_and_a_point_without_value_have_none()
    {
        NumberDataPoint stale = new(One) { Flags = 1 };
        NumberDataPoint empty = new() { TimeUnixNano = Time };
        NumberDataPoint otherFlag = new(One) { Flags = 2 };
        Assert.True(OtlpDecoder.TryDecode(Gauge("m", stale, empty, otherFlag).ToByteArray(), _decoded).IsOk);
        Assert.Equal([false, false, true], _decoded.Points.ToArray().Select(point => point.HasValue));
    }

    [Theory]
    [InlineData(9007199254740992, false)]
    [InlineData(9007199254740993, true)]
    [InlineData(9007199254740994, false)]
    [InlineData(-9007199254740993, true)]
    [InlineData(long.MaxValue, true)]
    [InlineData(long.MinValue, false)]
    public void Whole_numbers_that_no_double_equals_are_marked(long value, bool isInexact)
    {
        Assert.True(OtlpDecoder.TryDecode(Gauge("m", new NumberDataPoint { TimeUnixNano = Time, AsInt = value }).ToByteArray(), _decoded).IsOk);
        Assert.Equal(((double)value, isInexact), (_decoded.Points[0].Value, _decoded.Points[0].IsInexact));
    }

    [Fact]
    public void Points_of_every_kind_stand_under_their_metric()
    {
        ExportMetricsServiceRequest request = Gauge("gauge", One);
        var histogram = new HistogramDataPoint { TimeUnixNano = Time, Count = 3, Sum = 0, BucketCounts = { 1, 2 }, ExplicitBounds = { 0.5 } };
        var exponential = new ExponentialHistogramDataPoint
        {
            TimeUnixNano = Time, Scale = -3, Positive = new() { Offset = -7, BucketCounts = { 4 } }, Negative = new() { Offset = 9, BucketCounts = { 5, 6 } },
        };
        var summary = new SummaryDataPoint { TimeUnixNano = Time, Flags = 1, QuantileValues = { new SummaryDataPoint.Types.ValueAtQuantile { Quantile = 0.5, Value = 7 } } };
        request.ResourceMetrics[0].ScopeMetrics[0].Metrics.AddRange(
        [
            new Metric { Name = "h", Histogram = new Histogram { DataPoints = { histogram, histogram }, AggregationTemporality = AggregationTemporality.Delta } },
            new Metric { Name = "e", ExponentialHistogram = new ExponentialHistogram { DataPoints = { exponential }, AggregationTemporality = AggregationTemporality.Cumulative } },
            new Metric { Name = "s", Summary = new Summary { DataPoints = { summary } } },
        ]);
        byte[] record = request.ToByteArray();

        Assert.True(OtlpDecoder.TryDecode(record, _decoded).IsOk);
        Assert.Equal(["gauge", "h", "e", "s"], _decoded.Metrics.ToArray().Select(metric => Encoding.UTF8.GetString(metric.Name.In(record))), StringComparer.Ordinal);
        DecodedDistribution[] found = _decoded.Distributions.ToArray();
        Assert.Equal([1, 1, 2, 3], found.Select(point => point.MetricIndex));
        Assert.Equal([0, 0, null, 0], found.Select(point => point.Sum));
        Assert.Equal([true, true, true, false], found.Select(point => point.HasValue));
        Assert.Equal([1, 2], _decoded.BucketsOf(found[1]).ToArray());
        Assert.Equal((-3, -7, 9), (found[2].Scale, found[2].PositiveOffset, found[2].NegativeOffset));
        Assert.Equal([5, 6], _decoded.NegativeBucketsOf(found[2]).ToArray());
        Assert.Equal([0.5, 7], _decoded.NumbersOf(found[3]).ToArray());
    }

    [Fact]
    public void Buckets_that_come_in_turns_are_kept_apart()
    {
        byte[] piece(int number, byte count) => Field(number, Field(2, [count]));
        byte[] point = [.. new ExponentialHistogramDataPoint { TimeUnixNano = Time }.ToByteArray(), .. piece(8, 1), .. piece(9, 2), .. piece(8, 3), .. piece(9, 4)];
        Decode([.. Name("e"), .. Field(10, [.. Field(1, point), 0x10, 2])]);
        Assert.Equal([1, 3], _decoded.BucketsOf(_decoded.Distributions[0]).ToArray());
        Assert.Equal([2, 4], _decoded.NegativeBucketsOf(_decoded.Distributions[0]).ToArray());
    }

    [Fact]
    public void A_histogram_whose_buckets_mean_nothing_is_refused_by_name()
    {
        HistogramDataPoint point(params double[] bounds) => new() { TimeUnixNano = Time, BucketCounts = { 1, 2, 3 }, ExplicitBounds = { bounds } };
        Assert.Equal(DecodeError.None, DecodeHistogram(point(1, 2)));
        Assert.Equal(DecodeError.BucketsMismatched, DecodeHistogram(point(1)));
        Assert.Equal(DecodeError.BucketsMismatched, DecodeHistogram(point(1, 2, 3)));
        Assert.Equal(DecodeError.BoundsDisordered, DecodeHistogram(point(2, 1)));
        Assert.Equal(DecodeError.BoundsDisordered, DecodeHistogram(point(1, 1)));
        Assert.Equal(DecodeError.BoundsDisordered, DecodeHistogram(point(double.NaN, 1)));
        Assert.Equal(DecodeError.BoundsDisordered, DecodeHistogram(point(1, double.PositiveInfinity)));
        Assert.Equal(DecodeError.None, DecodeHistogram(new() { TimeUnixNano = Time, ExplicitBounds = { 2, 1 } }));
        Assert.Equal(DecodeError.TimeMissing, DecodeHistogram(new()));
        Assert.Equal(DecodeError.TemporalityMissing, OtlpDecoder.TryDecode(Request(new Metric { Name = "h", Histogram = new() { DataPoints = { point(1, 2) } } }).ToByteArray(), _decoded).Error);
    }

    [Fact]
    public void More_buckets_than_a_record_may_have_are_refused_as_they_come()
    {
        byte[] buckets = Field(2, new byte[OtlpDecoder.MaxPoints + 1]);
        byte[] point = [.. new ExponentialHistogramDataPoint { TimeUnixNano = Time }.ToByteArray(), .. Field(8, buckets)];
        byte[] record = Wrap([.. Name("e"), .. Field(10, [.. Field(1, point), 0x10, 2])]);
        Assert.Equal(DecodeError.TooManyPoints, OtlpDecoder.TryDecode(record, _decoded).Error);
    }

    [Fact]
    public void What_cannot_be_stored_is_refused_by_name()
    {
        Assert.Equal(DecodeError.TimeMissing, OtlpDecoder.TryDecode(Gauge("m", new NumberDataPoint { AsDouble = 1 }).ToByteArray(), _decoded).Error);
        Assert.Equal(DecodeError.MetricNameMissing, OtlpDecoder.TryDecode(Gauge("", One).ToByteArray(), _decoded).Error);
        Metric sum = new() { Name = "m", Sum = new Sum { DataPoints = { One } } };
        Assert.Equal(DecodeError.TemporalityMissing, OtlpDecoder.TryDecode(Request(sum).ToByteArray(), _decoded).Error);
        Assert.False(new DecodeResult(DecodeError.TimeMissing, 0).IsMalformed);
    }

    [Fact]
    public void A_malformed_record_is_called_malformed_even_where_it_cannot_be_stored_either()
    {
        byte[] record = [.. Gauge("", One).ToByteArray(), 0x0E];
        Assert.Equal(DecodeError.InvalidWireType, OtlpDecoder.TryDecode(record, _decoded).Error);
    }

    [Fact]
    public void What_is_dropped_or_has_no_points_needs_no_name_and_no_time()
    {
        byte[] timeless = Sum(new NumberDataPoint()).ToByteArray();
        Decode([.. timeless, .. new Metric { Gauge = new Gauge() }.ToByteArray()]);
        Assert.Equal((0, 0), (_decoded.Points.Length, _decoded.Metrics.Length));
    }

    [Fact]
    public void A_record_of_more_points_than_the_limit_is_refused()
    {
        byte[] points = EmptyMessages(0x0A, OtlpDecoder.MaxPoints + 1);
        Assert.Equal(DecodeError.TooManyPoints, OtlpDecoder.TryDecode(Wrap(Field(5, points)), _decoded).Error);
        Assert.Equal(DecodeError.TooManyPoints, OtlpDecoder.TryDecode(Wrap(Field(9, points)), _decoded).Error);
    }

    [Fact]
    public void A_record_of_more_attributes_than_the_limit_is_refused()
    {
        byte[] attributes = EmptyMessages(0x3A, OtlpDecoder.MaxAttributes + 1);
        Assert.Equal(DecodeError.TooManyAttributes, OtlpDecoder.TryDecode(Wrap(Field(5, Field(1, attributes))), _decoded).Error);
    }

    [Fact]
    public void A_record_that_is_empty_has_nothing_in_it()
    {
        OtlpDecoder.TryDecode(Gauge("m", One).ToByteArray(), _decoded);
        Assert.True(OtlpDecoder.TryDecode([], _decoded).IsOk);
        Assert.Equal((0, 0, 0, 0), (_decoded.Resources.Length, _decoded.Metrics.Length, _decoded.Points.Length, _decoded.Attributes.Length));
    }

    private byte[] Decode(byte[] metric)
    {
        byte[] record = Wrap(metric);
        Assert.Equal(DecodeResult.Ok, OtlpDecoder.TryDecode(record, _decoded));
        return record;
    }

    private IEnumerable<double> Values() => _decoded.Points.ToArray().Select(point => point.Value);

    private static byte[] Wrap(byte[] metric) => Field(1, Field(2, Field(2, metric)));

    private static byte[] Field(int number, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(content));
        }

        return stream.ToArray();
    }

    private static byte[] EmptyMessages(byte tag, int count)
    {
        byte[] fields = new byte[2 * count];
        for (int at = 0; at < fields.Length; at += 2)
        {
            fields[at] = tag;
        }

        return fields;
    }

    private static byte[] Name(string name) => new Metric { Name = name }.ToByteArray();

    private static Metric Sum(NumberDataPoint point) => new() { Sum = new Sum { DataPoints = { point }, AggregationTemporality = AggregationTemporality.Cumulative } };

    private DecodeError DecodeHistogram(HistogramDataPoint point) => OtlpDecoder.TryDecode(
        Request(new Metric { Name = "h", Histogram = new() { DataPoints = { point }, AggregationTemporality = AggregationTemporality.Delta } }).ToByteArray(), _decoded).Error;

    private static ExportMetricsServiceRequest Gauge(string name, params NumberDataPoint[] points) => Request(new Metric { Name = name, Gauge = new Gauge { DataPoints = { points } } });

    private static ExportMetricsServiceRequest Request(Metric metric) =>
        new() { ResourceMetrics = { new ResourceMetrics { ScopeMetrics = { new ScopeMetrics { Metrics = { metric } } } } } };

    private static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private static string Attributes(byte[] record, ReadOnlySpan<DecodedAttribute> attributes)
    {
        var texts = new List<string>();
        foreach (DecodedAttribute attribute in attributes)
        {
            texts.Add($"{Encoding.UTF8.GetString(attribute.Key.In(record))}={Encoding.UTF8.GetString(new AnyValueReader(record, attribute).Bytes)}");
        }

        return string.Join(' ', texts);
    }
}
