using System.Globalization;
using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.IntegrationTests.Kinds;

/// <summary>Records of one kind of point, at random, with every field that OTLP lets them have; and the list of what they say, point by point.</summary>
/// <param name="host">Beginning of the names of their hosts.</param>
/// <param name="seed">Of all that is random.</param>
/// <param name="isJson">Whether they are to be sent as JSON, which leaves out fields that are zero, and so a -0 where absent means zero.</param>
internal sealed class SentRecords(string host, int seed, bool isJson = false)
{
    private static readonly double[] Doubles = [0, -0.0, 1.5, -1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, 9007199254740993];
    private static readonly long[] Integers = [0, 1, -1, 1L << 53, (1L << 53) + 1, -(1L << 53) - 1, long.MaxValue, long.MinValue];

    private readonly Random _random = new(seed);
    private readonly ulong _startNanos = (ulong)TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds() * 1_000_000;
    private int _points;

    /// <summary>What must be stored, a line a point; <see cref="StoredRecords"/> writes what is.</summary>
    public List<string> Sent { get; } = [];

    /// <summary>Whole numbers that no double equals.</summary>
    public int Inexact { get; private set; }

    /// <summary>Points that say that nothing was recorded.</summary>
    public int WithoutValue { get; private set; }

    /// <summary>A record with several points of a kind, of one host or a few.</summary>
    public byte[] Next(PointKind kind, int hosts = 1)
    {
        using var record = new MemoryStream();
        for (int index = 0; index < hosts; index++)
        {
            string name = $"{host}-{kind}-{index}";
            ProtoWriter.WriteMessage(record, 1, resourceMetrics =>
            {
                var resource = new SentAttributes(_random).Add("host.name", name, isStored: false).Add("os.type", "linux", isStored: false).Add("service.name", "checkout");
                ProtoWriter.WriteMessage(resourceMetrics, 1, output =>
                {
                    resource.Write(output, 1);
                    ProtoWriter.WriteVarintField(output, 2, 3);
                    ProtoWriter.WriteMessage(output, 3, entity => ProtoWriter.WriteString(entity, 2, "host"));
                });
                ProtoWriter.WriteMessage(resourceMetrics, 2, scopeMetrics => WriteScope(scopeMetrics, kind, name));
                ProtoWriter.WriteString(resourceMetrics, 3, "https://opentelemetry.io/schemas/1.27.0");
            });
        }

        return record.ToArray();
    }

    private void WriteScope(Stream scopeMetrics, PointKind kind, string name)
    {
        ProtoWriter.WriteMessage(scopeMetrics, 1, scope =>
        {
            ProtoWriter.WriteString(scope, 1, "rig/scope");
            ProtoWriter.WriteString(scope, 2, "1.2.3");
            new SentAttributes(_random).AddOfEveryType().Write(scope, 3);
            ProtoWriter.WriteVarintField(scope, 4, 1);
        });
        ProtoWriter.WriteMessage(scopeMetrics, 2, metric =>
        {
            ProtoWriter.WriteString(metric, 1, $"rig.{kind}");
            ProtoWriter.WriteString(metric, 2, "A description.");
            ProtoWriter.WriteString(metric, 3, "ms");
            ProtoWriter.WriteMessage(metric, kind.DataField(), data =>
            {
                for (int count = 1 + _random.Next(3); count > 0; count--)
                {
                    ProtoWriter.WriteMessage(data, 1, point => WritePoint(point, kind, name));
                }

                if (kind.Temporality() is { } temporality)
                {
                    ProtoWriter.WriteVarintField(data, 2, temporality == "delta" ? 1UL : 2);
                }

                if (kind is PointKind.CumulativeCounter or PointKind.DeltaCounter)
                {
                    ProtoWriter.WriteVarintField(data, 3, 1);
                }
            });
            ProtoWriter.WriteMessage(metric, 12, metadata => ProtoWriter.WriteString(metadata, 1, "prometheus.type"));
        });
        ProtoWriter.WriteString(scopeMetrics, 3, "https://opentelemetry.io/schemas/1.26.0");
    }

    private void WritePoint(Stream point, PointKind kind, string name)
    {
        ulong nanos = _startNanos + ((ulong)_points * 1_234_567) + (ulong)_random.Next(1000);
        var attributes = new SentAttributes(_random).Add("point", (++_points % 7).ToString(CultureInfo.InvariantCulture));
        if (_random.Next(3) > 0)
        {
            attributes.AddOfEveryType();
        }

        // The last points of a series say that nothing was recorded: every kind can.
        bool hasValue = _random.Next(6) > 0;
        WithoutValue += hasValue ? 0 : 1;
        string head = $"{name}|rig.{kind}|{attributes.ExpectedWith("service.name", "checkout")}|{nanos / 1000}|rig/scope";
        string values = kind switch
        {
            PointKind.Histogram or PointKind.DeltaHistogram => WriteHistogram(point, attributes, nanos, hasValue),
            PointKind.ExponentialHistogram or PointKind.DeltaExponentialHistogram => WriteExponential(point, attributes, nanos, hasValue),
            PointKind.Summary => WriteSummary(point, attributes, nanos, hasValue),
            _ => WriteNumber(point, attributes, nanos, hasValue),
        };
        Sent.Add($"{kind.Name()}|{head}|ms|{kind.ShownTemporality()}|{values}");
    }

    private string WriteNumber(Stream point, SentAttributes attributes, ulong nanos, bool hasValue)
    {
        bool isInteger = _random.Next(2) == 0;
        double number = OneOf(Doubles);
        long whole = OneOf(Integers);
        Times(point, nanos);
        ProtoWriter.WriteFixed64(point, isInteger ? 6 : 4, isInteger ? (ulong)whole : BitConverter.DoubleToUInt64Bits(number));
        ProtoWriter.WriteMessage(point, 5, Exemplar);
        attributes.Write(point, 7);
        ProtoWriter.WriteVarintField(point, 8, hasValue ? 0UL : 1);
        Inexact += hasValue && isInteger && Math.Abs((decimal)whole) is not (0 or 1 or 9007199254740992 or 9223372036854775808) ? 1 : 0;
        return Bits(hasValue, isInteger ? whole : number);
    }

    private string WriteHistogram(Stream point, SentAttributes attributes, ulong nanos, bool hasValue)
    {
        double[] bounds = [.. new[] { -2.5, -0.0, 0.005, 0.1, 1, 1e20 }.Take(_random.Next(7))];
        ulong[] counts = _random.Next(4) == 0 ? [] : [.. Enumerable.Range(0, bounds.Length + 1).Select(_ => (ulong)_random.Next(1000))];
        bounds = counts.Length == 0 ? [] : bounds;
        ulong count = counts.Aggregate(0UL, (sum, next) => sum + next);
        double? sum = Maybe();
        double? min = Maybe();
        double? max = Maybe();
        Times(point, nanos);
        ProtoWriter.WriteFixed64(point, 4, count);
        Optional(point, 5, sum);
        ProtoWriter.WriteMessage(point, 6, list => Fixed(list, counts));
        ProtoWriter.WriteMessage(point, 7, list => Fixed(list, [.. bounds.Select(BitConverter.DoubleToUInt64Bits)]));
        ProtoWriter.WriteMessage(point, 8, Exemplar);
        attributes.Write(point, 9);
        ProtoWriter.WriteVarintField(point, 10, hasValue ? 0UL : 1);
        Optional(point, 11, min);
        Optional(point, 12, max);
        return $"{Bits(hasValue, count)} {Bits(hasValue, sum)} {Bits(hasValue, min)} {Bits(hasValue, max)} [{List(true, bounds)}] [{List(hasValue, counts)}]";
    }

    private string WriteExponential(Stream point, SentAttributes attributes, ulong nanos, bool hasValue)
    {
        int scale = _random.Next(-10, 21);
        ulong zeroCount = (ulong)_random.Next(5);
        double zeroThreshold = _random.Next(3) == 0 ? 1e-6 : 0;
        (int Offset, ulong[] Counts) positive = (_random.Next(-1_000_000, 1_000_000), Counts());
        (int Offset, ulong[] Counts) negative = (_random.Next(-3, 3), Counts());
        ulong count = zeroCount + positive.Counts.Concat(negative.Counts).Aggregate(0UL, (sum, next) => sum + next);
        double? sum = Maybe();
        double? min = Maybe();
        double? max = Maybe();
        attributes.Write(point, 1);
        Times(point, nanos);
        ProtoWriter.WriteFixed64(point, 4, count);
        Optional(point, 5, sum);
        ProtoWriter.WriteVarintField(point, 6, ZigZag(scale));
        ProtoWriter.WriteFixed64(point, 7, zeroCount);
        ProtoWriter.WriteMessage(point, 8, buckets => Buckets(buckets, positive.Offset, positive.Counts));
        ProtoWriter.WriteMessage(point, 9, buckets => Buckets(buckets, negative.Offset, negative.Counts));
        ProtoWriter.WriteVarintField(point, 10, hasValue ? 0UL : 1);
        ProtoWriter.WriteMessage(point, 11, Exemplar);
        Optional(point, 12, min);
        Optional(point, 13, max);
        ProtoWriter.WriteFixed64(point, 14, BitConverter.DoubleToUInt64Bits(zeroThreshold));
        string offset((int Offset, ulong[] Counts) side) => hasValue && side.Counts.Length > 0 ? side.Offset.ToString(CultureInfo.InvariantCulture) : "null";
        return $"{Bits(hasValue, count)} {Bits(hasValue, sum)} {Bits(hasValue, min)} {Bits(hasValue, max)} {(hasValue ? scale : "null")} {Bits(hasValue, zeroCount)} "
            + $"{(hasValue ? Bits(true, zeroThreshold) : "none")} {offset(positive)} [{List(hasValue, positive.Counts)}] {offset(negative)} [{List(hasValue, negative.Counts)}]";
    }

    private string WriteSummary(Stream point, SentAttributes attributes, ulong nanos, bool hasValue)
    {
        double[] quantiles = [.. new[] { 0, 0.5, 0.9, 0.99, 1 }.Take(_random.Next(6))];
        double[] values = [.. quantiles.Select(_ => Implicit())];
        ulong count = (ulong)_random.Next();
        double sum = Implicit();
        Times(point, nanos);
        ProtoWriter.WriteFixed64(point, 4, count);
        ProtoWriter.WriteFixed64(point, 5, BitConverter.DoubleToUInt64Bits(sum));
        for (int index = 0; index < quantiles.Length; index++)
        {
            int place = index;
            ProtoWriter.WriteMessage(point, 6, quantile =>
            {
                ProtoWriter.WriteFixed64(quantile, 1, BitConverter.DoubleToUInt64Bits(quantiles[place]));
                ProtoWriter.WriteFixed64(quantile, 2, BitConverter.DoubleToUInt64Bits(values[place]));
            });
        }

        attributes.Write(point, 7);
        ProtoWriter.WriteVarintField(point, 8, hasValue ? 0UL : 1);
        return $"{Bits(hasValue, count)} {Bits(hasValue, sum)} [{List(true, quantiles)}] [{List(hasValue, values)}]";
    }

    private void Times(Stream point, ulong nanos)
    {
        ProtoWriter.WriteFixed64(point, 2, nanos - 1_000_000_000);
        ProtoWriter.WriteFixed64(point, 3, nanos);
    }

    private void Exemplar(Stream exemplar)
    {
        ProtoWriter.WriteFixed64(exemplar, 2, _startNanos);
        ProtoWriter.WriteFixed64(exemplar, 3, BitConverter.DoubleToUInt64Bits(1.5));
        ProtoWriter.WriteMessage(exemplar, 4, span => span.Write([1, 2, 3, 4, 5, 6, 7, 8]));
        new SentAttributes(_random).AddOfEveryType().Write(exemplar, 7);
    }

    private static void Buckets(Stream buckets, int offset, ulong[] counts)
    {
        ProtoWriter.WriteVarintField(buckets, 1, ZigZag(offset));
        ProtoWriter.WriteMessage(buckets, 2, list =>
        {
            foreach (ulong count in counts)
            {
                ProtoWriter.WriteVarint(list, count);
            }
        });
    }

    private static void Fixed(Stream list, ulong[] values)
    {
        foreach (ulong value in values)
        {
            list.Write(BitConverter.GetBytes(value));
        }
    }

    private static void Optional(Stream point, int field, double? value)
    {
        if (value is { } given)
        {
            ProtoWriter.WriteFixed64(point, field, BitConverter.DoubleToUInt64Bits(given));
        }
    }

    private static ulong ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    private static string Bits(bool hasValue, double? value) =>
        hasValue && value is { } number ? BitConverter.DoubleToUInt64Bits(number).ToString("x16", CultureInfo.InvariantCulture) : "none";

    private static string List(bool hasValue, IEnumerable<double> values) => string.Join(' ', values.Select(value => Bits(hasValue, value)));

    private static string List(bool hasValue, IEnumerable<ulong> values) => List(hasValue, values.Select(value => (double)value));

    private ulong[] Counts() => [.. Enumerable.Range(0, _random.Next(2) * _random.Next(20)).Select(_ => (ulong)_random.Next(3))];

    private double Implicit() => OneOf(Doubles) is var value && isJson && value == 0 ? 0 : value;

    private double? Maybe() => _random.Next(3) == 0 ? null : OneOf(Doubles);

    private T OneOf<T>(T[] choices) => choices[_random.Next(choices.Length)];
}
