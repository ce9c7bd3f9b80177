using Hostwire.Metrics;

namespace Hostwire.Otlp;

/// <summary>What <see cref="OtlpEncoder"/> keeps of a metric for ever, and what it notes of it for the record at hand.</summary>
internal sealed class OtlpMetricDraft
{
    /// <summary>A draft without points.</summary>
    public OtlpMetricDraft(Metric metric)
    {
        IsSum = metric.Kind != MetricKind.Gauge;
        Head = WireWriter.EncodeStrings(OtlpTag.MetricName, metric.Name, OtlpTag.MetricUnit, metric.Unit);
        Tail = metric.Kind switch
        {
            MetricKind.Counter => [(byte)OtlpTag.SumTemporality, (byte)Temporality.Cumulative, (byte)OtlpTag.SumIsMonotonic, 1],
            MetricKind.UpDown => [(byte)OtlpTag.SumTemporality, (byte)Temporality.Cumulative],
            _ => [],
        };
        Clear();
    }

    /// <summary>Whether it becomes a sum; else it is a gauge.</summary>
    public bool IsSum { get; }

    /// <summary>The encoded fields before the gauge or sum: name and unit.</summary>
    public byte[] Head { get; }

    /// <summary>The encoded fields behind the points: for sums cumulative, and monotonic where they are.</summary>
    public byte[] Tail { get; }

    /// <summary>Of the record at hand: index of its first run of points; <see cref="OtlpPointRun.None"/> where it has none so far.</summary>
    public int FirstRun { get; set; }

    /// <summary>Of the record at hand: index of its last run of points.</summary>
    public int LastRun { get; set; }

    /// <summary>Of the record at hand: bytes in the gauge or sum.</summary>
    public int DataSize { get; set; }

    /// <summary>Of the record at hand: bytes in the metric.</summary>
    public int Size => Head.Length + WireWriter.SizeOfField(DataSize);

    /// <summary>Forgets the points.</summary>
    public void Clear()
    {
        FirstRun = LastRun = OtlpPointRun.None;
        DataSize = Tail.Length;
    }
}
