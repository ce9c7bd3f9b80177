using Google.Protobuf;
using Google.Protobuf.Collections;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Otlp;

/// <summary>What protoc's parser found in a point of a histogram, an exponential histogram or a summary, in the form in which ours gives it.</summary>
internal sealed record Distribution
{
    public ulong Time { get; init; }

    public bool HasValue { get; init; }

    public ulong Count { get; init; }

    public double? Sum { get; init; }

    public double? Min { get; init; }

    public double? Max { get; init; }

    public IReadOnlyList<ulong> Buckets { get; init; } = [];

    public IReadOnlyList<double> Numbers { get; init; } = [];

    public IReadOnlyList<ulong> Negative { get; init; } = [];

    public int Scale { get; init; }

    public ulong ZeroCount { get; init; }

    public double ZeroThreshold { get; init; }

    public int PositiveOffset { get; init; }

    public int NegativeOffset { get; init; }

    public RepeatedField<KeyValue> Attributes { get; init; } = [];

    /// <summary>Reads the attributes of a message of the same kind.</summary>
    public Func<byte[], RepeatedField<KeyValue>> ParseAttributes { get; init; } = _ => [];

    public static Distribution Of(HistogramDataPoint point) => new()
    {
        Time = point.TimeUnixNano,
        HasValue = (point.Flags & 1) == 0,
        Count = point.Count,
        Sum = point.HasSum ? point.Sum : null,
        Min = point.HasMin ? point.Min : null,
        Max = point.HasMax ? point.Max : null,
        Buckets = point.BucketCounts,
        Numbers = point.ExplicitBounds,
        Attributes = point.Attributes,
        ParseAttributes = bytes => Alone(HistogramDataPoint.Parser.ParseFrom(bytes), parsed => new HistogramDataPoint { Attributes = { parsed.Attributes } }, parsed => parsed.Attributes),
    };

    public static Distribution Of(ExponentialHistogramDataPoint point) => new()
    {
        Time = point.TimeUnixNano,
        HasValue = (point.Flags & 1) == 0,
        Count = point.Count,
        Sum = point.HasSum ? point.Sum : null,
        Min = point.HasMin ? point.Min : null,
        Max = point.HasMax ? point.Max : null,
        Buckets = point.Positive?.BucketCounts ?? [],
        Negative = point.Negative?.BucketCounts ?? [],
        Scale = point.Scale,
        ZeroCount = point.ZeroCount,
        ZeroThreshold = point.ZeroThreshold,
        PositiveOffset = point.Positive?.Offset ?? 0,
        NegativeOffset = point.Negative?.Offset ?? 0,
        Attributes = point.Attributes,
        ParseAttributes = bytes => Alone(
            ExponentialHistogramDataPoint.Parser.ParseFrom(bytes), parsed => new ExponentialHistogramDataPoint { Attributes = { parsed.Attributes } }, parsed => parsed.Attributes),
    };

    public static Distribution Of(SummaryDataPoint point) => new()
    {
        Time = point.TimeUnixNano,
        HasValue = (point.Flags & 1) == 0,
        Count = point.Count,
        Sum = point.Sum,
        Numbers = [.. point.QuantileValues.SelectMany(quantile => new[] { quantile.Quantile, quantile.Value })],
        Attributes = point.Attributes,
        ParseAttributes = bytes => Alone(SummaryDataPoint.Parser.ParseFrom(bytes), parsed => new SummaryDataPoint { Attributes = { parsed.Attributes } }, parsed => parsed.Attributes),
    };

    // The bytes stand for the attributes, so they must be all of them and nothing else.
    private static RepeatedField<KeyValue> Alone<T>(T parsed, Func<T, T> onlyAttributes, Func<T, RepeatedField<KeyValue>> attributes)
        where T : IMessage
    {
        Assert.Equal(onlyAttributes(parsed), parsed);
        return attributes(parsed);
    }
}
