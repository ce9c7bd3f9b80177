using System.Diagnostics;

namespace Hostwire.Otlp;

/// <summary>Reads points of histograms, exponential histograms and summaries, each from its length to its end.</summary>
/// <remarks>Fields may come in any order, lists packed or not and in pieces, as everywhere in protobuf. Exemplars and start times are checked and not kept.</remarks>
internal static class DistributionParser
{
    /// <summary>Reads a point into the record; returns why it cannot be stored, where it cannot.</summary>
    public static DecodeResult ReadPoint(ref WireReader reader, MetricDataKind kind, DecodedRecord into)
    {
        int outer = reader.Enter();
        int start = reader.Position;
        var attributes = new PointAttributes(into.AttributeCount, start);
        var point = new DecodedDistribution { MetricIndex = into.MetricCount, CountStart = into.CountCount, NumberStart = into.NumberCount, HasValue = true };
        for (int field = start; reader.Next(out uint tag); field = reader.Position)
        {
            switch (kind)
            {
                case MetricDataKind.Histogram:
                    ReadHistogramField(ref reader, tag, field, ref attributes, ref point, into);
                    break;
                case MetricDataKind.ExponentialHistogram:
                    ReadExponentialField(ref reader, tag, field, ref attributes, ref point, into);
                    break;
                case MetricDataKind.Summary:
                    ReadSummaryField(ref reader, tag, field, ref attributes, ref point, into);
                    break;
                default:
                    throw new UnreachableException();
            }
        }

        reader.Leave(outer);
        point.AttributeStart = attributes.Start;
        point.AttributeCount = into.AttributeCount - attributes.Start;
        point.AttributeBytes = attributes.Bytes;
        point.BucketCount = into.CountCount - point.CountStart;
        point.NegativeBucketCount = into.EndNegativeCounts();
        point.NumberCount = into.NumberCount - point.NumberStart;
        if (kind == MetricDataKind.Summary)
        {
            // Unlike a histogram's it cannot be left out: what is not sent is zero.
            point.Sum ??= 0;
        }

        into.Add(point);
        DecodeError refusal = point.TimeUnixNano == 0 ? DecodeError.TimeMissing
            : kind == MetricDataKind.Histogram ? CheckBuckets(point, into)
            : DecodeError.None;
        return new DecodeResult(refusal, start);
    }

    private static void ReadHistogramField(
        ref WireReader reader, uint tag, int field, ref PointAttributes attributes, ref DecodedDistribution point, DecodedRecord into)
    {
        switch (tag)
        {
            case OtlpTag.HistogramTime:
                point.TimeUnixNano = reader.ReadFixed64();
                break;
            case OtlpTag.HistogramCount:
                point.Count = reader.ReadFixed64();
                break;
            case OtlpTag.HistogramSum:
                point.Sum = ReadDouble(ref reader);
                break;
            case OtlpTag.HistogramBucketCounts or OtlpTag.HistogramBucketCount:
                ReadCounts(ref reader, tag, into);
                break;
            case OtlpTag.HistogramBounds or OtlpTag.HistogramBound:
                ReadBounds(ref reader, tag, into);
                break;
            case OtlpTag.HistogramAttributes:
                attributes.Read(ref reader, into, field);
                break;
            case OtlpTag.HistogramFlags:
                point.HasValue = ReadHasValue(ref reader);
                break;
            case OtlpTag.HistogramMin:
                point.Min = ReadDouble(ref reader);
                break;
            case OtlpTag.HistogramMax:
                point.Max = ReadDouble(ref reader);
                break;
            default:
                OtlpValidator.ReadField(ref reader, OtlpMessage.HistogramPoint, tag);
                break;
        }
    }

    private static void ReadExponentialField(
        ref WireReader reader, uint tag, int field, ref PointAttributes attributes, ref DecodedDistribution point, DecodedRecord into)
    {
        switch (tag)
        {
            case OtlpTag.ExponentialAttributes:
                attributes.Read(ref reader, into, field);
                break;
            case OtlpTag.ExponentialTime:
                point.TimeUnixNano = reader.ReadFixed64();
                break;
            case OtlpTag.ExponentialCount:
                point.Count = reader.ReadFixed64();
                break;
            case OtlpTag.ExponentialSum:
                point.Sum = ReadDouble(ref reader);
                break;
            case OtlpTag.ExponentialScale:
                point.Scale = ReadSigned(ref reader);
                break;
            case OtlpTag.ExponentialZeroCount:
                point.ZeroCount = reader.ReadFixed64();
                break;
            case OtlpTag.ExponentialPositive:
                point.PositiveOffset = ReadBuckets(ref reader, point.PositiveOffset, isNegative: false, into);
                break;
            case OtlpTag.ExponentialNegative:
                point.NegativeOffset = ReadBuckets(ref reader, point.NegativeOffset, isNegative: true, into);
                break;
            case OtlpTag.ExponentialFlags:
                point.HasValue = ReadHasValue(ref reader);
                break;
            case OtlpTag.ExponentialMin:
                point.Min = ReadDouble(ref reader);
                break;
            case OtlpTag.ExponentialMax:
                point.Max = ReadDouble(ref reader);
                break;
            case OtlpTag.ExponentialZeroThreshold:
                point.ZeroThreshold = ReadDouble(ref reader);
                break;
            default:
                OtlpValidator.ReadField(ref reader, OtlpMessage.ExponentialHistogramPoint, tag);
                break;
        }
    }

    private static void ReadSummaryField(
        ref WireReader reader, uint tag, int field, ref PointAttributes attributes, ref DecodedDistribution point, DecodedRecord into)
    {
        switch (tag)
        {
            case OtlpTag.SummaryTime:
                point.TimeUnixNano = reader.ReadFixed64();
                break;
            case OtlpTag.SummaryCount:
                point.Count = reader.ReadFixed64();
                break;
            case OtlpTag.SummarySum:
                point.Sum = ReadDouble(ref reader);
                break;
            case OtlpTag.SummaryQuantiles:
                ReadQuantile(ref reader, into);
                break;
            case OtlpTag.SummaryAttributes:
                attributes.Read(ref reader, into, field);
                break;
            case OtlpTag.SummaryFlags:
                point.HasValue = ReadHasValue(ref reader);
                break;
            default:
                OtlpValidator.ReadField(ref reader, OtlpMessage.SummaryPoint, tag);
                break;
        }
    }

    private static void ReadCounts(ref WireReader reader, uint tag, DecodedRecord into)
    {
        if (WireTag.Type(tag) != WireTag.Length)
        {
            CheckLimit(ref reader, into);
            into.AddCount(reader.ReadFixed64());
            return;
        }

        int outer = reader.EnterPacked();
        while (reader.HasMore)
        {
            CheckLimit(ref reader, into);
            into.AddCount(reader.ReadFixed64());
        }

        reader.Leave(outer);
    }

    private static void ReadBounds(ref WireReader reader, uint tag, DecodedRecord into)
    {
        if (WireTag.Type(tag) != WireTag.Length)
        {
            CheckLimit(ref reader, into);
            into.AddNumber(ReadDouble(ref reader));
            return;
        }

        int outer = reader.EnterPacked();
        while (reader.HasMore)
        {
            CheckLimit(ref reader, into);
            into.AddNumber(ReadDouble(ref reader));
        }

        reader.Leave(outer);
    }

    // Buckets that are given twice are one list with the counts of both; the last offset counts.
    private static int ReadBuckets(ref WireReader reader, int offset, bool isNegative, DecodedRecord into)
    {
        int outer = reader.Enter();
        while (reader.Next(out uint tag))
        {
            switch (tag)
            {
                case OtlpTag.BucketsOffset:
                    offset = ReadSigned(ref reader);
                    break;
                case OtlpTag.BucketsCount:
                    ReadBucket(ref reader, isNegative, into);
                    break;
                case OtlpTag.BucketsCounts:
                    int outerOfList = reader.EnterPacked();
                    while (reader.HasMore)
                    {
                        ReadBucket(ref reader, isNegative, into);
                    }

                    reader.Leave(outerOfList);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        return offset;
    }

    private static void ReadBucket(ref WireReader reader, bool isNegative, DecodedRecord into)
    {
        CheckLimit(ref reader, into);
        ulong count = reader.ReadVarint();
        if (isNegative)
        {
            into.AddNegativeCount(count);
        }
        else
        {
            into.AddCount(count);
        }
    }

    private static void ReadQuantile(ref WireReader reader, DecodedRecord into)
    {
        CheckLimit(ref reader, into);
        int outer = reader.Enter();
        double quantile = 0;
        double value = 0;
        while (reader.Next(out uint tag))
        {
            switch (tag)
            {
                case OtlpTag.QuantileQuantile:
                    quantile = ReadDouble(ref reader);
                    break;
                case OtlpTag.QuantileValue:
                    value = ReadDouble(ref reader);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        into.AddNumber(quantile);
        into.AddNumber(value);
    }

    private static DecodeError CheckBuckets(in DecodedDistribution point, DecodedRecord into)
    {
        // Without buckets, bounds say nothing: some senders leave the counts out and the bounds in.
        if (point.BucketCount == 0)
        {
            return DecodeError.None;
        }

        ReadOnlySpan<double> bounds = into.NumbersOf(point);
        if (point.BucketCount != bounds.Length + 1)
        {
            return DecodeError.BucketsMismatched;
        }

        for (int index = 0; index < bounds.Length; index++)
        {
            if (!double.IsFinite(bounds[index]) || (index > 0 && bounds[index] <= bounds[index - 1]))
            {
                return DecodeError.BoundsDisordered;
            }
        }

        return DecodeError.None;
    }

    private static void CheckLimit(ref WireReader reader, DecodedRecord into)
    {
        if (into.ValueCount >= OtlpDecoder.MaxPoints)
        {
            reader.Fail(DecodeError.TooManyPoints, reader.Position);
        }
    }

    private static double ReadDouble(ref WireReader reader) => BitConverter.UInt64BitsToDouble(reader.ReadFixed64());

    private static bool ReadHasValue(ref WireReader reader) => ((uint)reader.ReadVarint() & OtlpTag.NoRecordedValue) == 0;

    private static int ReadSigned(ref WireReader reader)
    {
        uint zigzag = (uint)reader.ReadVarint();
        return (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
    }
}
