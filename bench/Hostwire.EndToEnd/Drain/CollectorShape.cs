using System.Buffers.Binary;
using System.Globalization;
using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.EndToEnd.Drain;

/// <summary>
/// Records of an OpenTelemetry Collector: a real one of 97 points and ten times, in which the points of each metric stand in another order every
/// time, as Collectors send them. Host, times and values are written over; the rest of the bytes is as it was sent.
/// </summary>
internal sealed class CollectorShape : IRecordShape
{
    // So many orders that no reader could keep them all; then they come again.
    private const int Orders = 4_096;

    private readonly CollectorRecord[] _orders;
    private readonly Random _random = new(1);
    private readonly long[] _ticks;
    private byte[] _buffer = [];

    public CollectorShape(int hosts)
    {
        byte[] sample = CollectorSamples.Records("collector-default")[0];
        var names = new Dictionary<SeriesName, int>();
        var times = new List<ulong>();
        var shuffle = new Random(2);
        _orders = [.. Enumerable.Range(0, Orders).Select(_ => new CollectorRecord(PointShuffle.Shuffle(sample, HostName(0), shuffle), HostName(0), names, times))];
        _ticks = new long[hosts];
        Series = [.. names.OrderBy(name => name.Value).Select(name => name.Key)];
        Groups = times.Count;
    }

    public string Description => "an OpenTelemetry Collector's records: 97 points in another order each time, ten times";

    public IReadOnlyList<SeriesName> Series { get; }

    public int Groups { get; }

    public string HostName(int host) => string.Create(CultureInfo.InvariantCulture, $"collector-{host:d5}");

    public byte[]? Key(int host) => null;

    public ReadOnlyMemory<byte> Next(int host, long tickMicros, List<SentPoint> points)
    {
        CollectorRecord order = _orders[_random.Next(Orders)];
        if (_buffer.Length < order.Bytes.Length)
        {
            _buffer = new byte[order.Bytes.Length];
        }

        Span<byte> record = _buffer.AsSpan(0, order.Bytes.Length);
        order.Bytes.CopyTo(record);
        order.WriteHost(record, HostName(host));
        long tick = _ticks[host]++;
        long jitter = _random.Next(0, 900_000);
        points.Clear();
        foreach (CollectorPoint point in order.Points)
        {
            // Each scraper a few hundred microseconds after the one before; with nanoseconds, which a database drops.
            long nanos = ((tickMicros + jitter + (point.Group * 317L)) * 1000) + 789;
            BinaryPrimitives.WriteUInt64LittleEndian(record[point.TimePosition..], (ulong)nanos);
            double value;
            if (point.IsInteger)
            {
                long whole = point.Integer + (tick * (1 + (point.Series * 7))) + (host * 13L);
                BinaryPrimitives.WriteInt64LittleEndian(record[point.ValuePosition..], whole);
                value = whole;
            }
            else
            {
                value = Math.Round(point.Double + (_random.NextDouble() * 3), 2);
                BinaryPrimitives.WriteDoubleLittleEndian(record[point.ValuePosition..], value);
            }

            points.Add(new SentPoint(point.Series, point.Group, nanos / 1000, value));
        }

        return _buffer.AsMemory(0, order.Bytes.Length);
    }
}
