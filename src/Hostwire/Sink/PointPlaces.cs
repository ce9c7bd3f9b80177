using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>Finds where the numbers of gauges and sums lie in a part of a record that the decoder has taken.</summary>
internal static class PointPlaces
{
    /// <summary>
    /// Adds the places of all points, in the decoder's order. False where there is anything that senders hardly write and that would have to be thought about: a field given
    /// twice, another kind of data.
    /// </summary>
    public static bool TryFind(ReadOnlySpan<byte> rest, List<PointPlace> places)
    {
        var reader = new WireReader(rest);
        while (reader.Next(out uint tag))
        {
            if (tag == OtlpTag.ResourceMetricsResource)
            {
                // It would belong to the resource in front.
                return false;
            }

            if (tag != OtlpTag.ResourceMetricsScopeMetrics)
            {
                reader.Skip(tag);
            }
            else if (!TryFindInScope(ref reader, places))
            {
                return false;
            }
        }

        return reader.IsOk;
    }

    private static bool TryFindInScope(ref WireReader reader, List<PointPlace> places)
    {
        int outer = reader.Enter();
        while (reader.Next(out uint tag))
        {
            if (tag != OtlpTag.ScopeMetricsMetrics)
            {
                reader.Skip(tag);
            }
            else if (!TryFindInMetric(ref reader, places))
            {
                return false;
            }
        }

        reader.Leave(outer);
        return true;
    }

    private static bool TryFindInMetric(ref WireReader reader, List<PointPlace> places)
    {
        int outer = reader.Enter();
        int data = 0;
        while (reader.Next(out uint tag))
        {
            switch (tag)
            {
                case OtlpTag.MetricGauge or OtlpTag.MetricSum:
                    if (data++ > 0 || !TryFindInData(ref reader, places))
                    {
                        return false;
                    }

                    break;
                case OtlpTag.MetricHistogram or OtlpTag.MetricExponentialHistogram or OtlpTag.MetricSummary:
                    return false;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        return true;
    }

    private static bool TryFindInData(ref WireReader reader, List<PointPlace> places)
    {
        int outer = reader.Enter();
        while (reader.Next(out uint tag))
        {
            if (tag != OtlpTag.DataPoints)
            {
                reader.Skip(tag);
            }
            else if (!TryFindInPoint(ref reader, places))
            {
                return false;
            }
        }

        reader.Leave(outer);
        return true;
    }

    private static bool TryFindInPoint(ref WireReader reader, List<PointPlace> places)
    {
        const int none = -1;
        int startTime = none;
        int time = none;
        int value = none;
        bool isInteger = false;
        int outer = reader.Enter();
        while (reader.Next(out uint tag))
        {
            bool isRepeated = false;
            switch (tag)
            {
                case OtlpTag.PointStartTime:
                    isRepeated = startTime != none;
                    startTime = reader.Position;
                    break;
                case OtlpTag.PointTime:
                    isRepeated = time != none;
                    time = reader.Position;
                    break;
                case OtlpTag.PointAsDouble or OtlpTag.PointAsInt:
                    isRepeated = value != none;
                    value = reader.Position;
                    isInteger = tag == OtlpTag.PointAsInt;
                    break;
            }

            reader.Skip(tag);
            if (isRepeated)
            {
                return false;
            }
        }

        reader.Leave(outer);
        places.Add(new PointPlace(startTime, time, value, isInteger));
        return time != none && value != none;
    }
}
