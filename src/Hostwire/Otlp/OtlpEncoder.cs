using System.Text;
using Hostwire.Metrics;

namespace Hostwire.Otlp;

/// <summary>Encodes scrapes of one host as OTLP, one <c>ExportMetricsServiceRequest</c> each.</summary>
/// <remarks>
/// One resource, one scope, and a metric for each run of points of one metric. The bytes are what protoc's own writer would make of the message.
/// The same series in the same order always give the same bytes, but for the eight of each value and of each time, so a
/// reader can recognise a scrape's shape by comparing bytes. Descriptions are left out: they would be a third of every record, and the
/// catalogue has them. Allocates nothing once it has seen every series. Not safe for use by several threads at once.
/// </remarks>
public sealed class OtlpEncoder
{
    /// <summary>The name of the instrumentation scope that our agents send.</summary>
    public const string ScopeName = "hostwire";

    // A tag and eight bytes.
    private const int Fixed64Size = 1 + sizeof(ulong);

    // Temporality, always; monotonic only where true: a tag and a byte each.
    private const int CounterFlagsSize = 4;
    private const int UpDownFlagsSize = 2;

    private readonly ulong _startTime;
    private readonly byte[] _resource;
    private readonly byte[] _scope;
    private readonly Dictionary<Metric, byte[]> _metricHeads = new(ReferenceEqualityComparer.Instance);
    private MetricRun[] _runs = new MetricRun[64];
    private byte[] _buffer = [];

    /// <summary>Makes an encoder.</summary>
    /// <param name="host">Becomes the resource's <c>host.name</c> and, where there is one, <c>host.id</c>.</param>
    /// <param name="startTimeUnixNano">Since when this agent's totals count, in nanoseconds since 1970; sent with every sum.</param>
    /// <param name="scopeVersion">Our own version.</param>
    public OtlpEncoder(HostIdentity host, long startTimeUnixNano, string scopeVersion)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(startTimeUnixNano);
        _startTime = (ulong)startTimeUnixNano;
        _resource = EncodeResource(host);
        _scope = EncodeScope(scopeVersion);
    }

    /// <summary>Encodes the points; the bytes are valid until the next call.</summary>
    public ReadOnlyMemory<byte> Encode(ReadOnlySpan<ScrapePoint> points)
    {
        int runCount = MeasureRuns(points);
        int scopeMetricsSize = _scope.Length;
        foreach (ref readonly MetricRun run in _runs.AsSpan(0, runCount))
        {
            scopeMetricsSize += WireWriter.SizeOfField(run.Size);
        }

        int resourceMetricsSize = _resource.Length + WireWriter.SizeOfField(scopeMetricsSize);
        int size = WireWriter.SizeOfField(resourceMetricsSize);
        if (_buffer.Length < size)
        {
            _buffer = new byte[size + (size / 4)];
        }

        var writer = new WireWriter(_buffer.AsSpan(0, size));
        writer.WriteMessageStart(OtlpTag.RequestResourceMetrics, resourceMetricsSize);
        writer.WriteEncoded(_resource);
        writer.WriteMessageStart(OtlpTag.ResourceMetricsScopeMetrics, scopeMetricsSize);
        writer.WriteEncoded(_scope);
        foreach (ref readonly MetricRun run in _runs.AsSpan(0, runCount))
        {
            WriteRun(ref writer, run, points[..run.Count]);
            points = points[run.Count..];
        }

        Array.Clear(_runs, 0, runCount);
        return _buffer.AsMemory(0, writer.Position);
    }

    // Lengths stand before what they measure, so everything is measured first.
    private int MeasureRuns(ReadOnlySpan<ScrapePoint> points)
    {
        int runCount = 0;
        while (!points.IsEmpty)
        {
            if (runCount == _runs.Length)
            {
                Array.Resize(ref _runs, 2 * runCount);
            }

            ref MetricRun run = ref _runs[runCount++];
            run = MeasureRun(points);
            points = points[run.Count..];
        }

        return runCount;
    }

    private MetricRun MeasureRun(ReadOnlySpan<ScrapePoint> points)
    {
        Metric metric = points[0].Series.Metric;
        int count = 0;
        int dataSize = metric.Kind switch
        {
            MetricKind.Counter => CounterFlagsSize,
            MetricKind.UpDown => UpDownFlagsSize,
            _ => 0,
        };
        while (count < points.Length && ReferenceEquals(points[count].Series.Metric, metric))
        {
            dataSize += WireWriter.SizeOfField(PointSize(metric, AttributesOf(points[count].Series)));
            count++;
        }

        byte[] head = HeadOf(metric);
        return new MetricRun(metric, head, count, dataSize, head.Length + WireWriter.SizeOfField(dataSize));
    }

    private void WriteRun(ref WireWriter writer, in MetricRun run, ReadOnlySpan<ScrapePoint> points)
    {
        bool isSum = run.Metric.Kind != MetricKind.Gauge;
        writer.WriteMessageStart(OtlpTag.ScopeMetricsMetrics, run.Size);
        writer.WriteEncoded(run.Head);
        writer.WriteMessageStart(isSum ? OtlpTag.MetricSum : OtlpTag.MetricGauge, run.DataSize);
        foreach (ref readonly ScrapePoint point in points)
        {
            ReadOnlySpan<byte> attributes = AttributesOf(point.Series);
            writer.WriteMessageStart(OtlpTag.DataPoints, PointSize(run.Metric, attributes));
            if (isSum)
            {
                writer.WriteFixed64(OtlpTag.PointStartTime, _startTime);
            }

            writer.WriteFixed64(OtlpTag.PointTime, (ulong)point.TimeUnixNano);
            if (point.IsInteger)
            {
                writer.WriteFixed64(OtlpTag.PointAsInt, (ulong)point.Integer);
            }
            else
            {
                writer.WriteFixed64(OtlpTag.PointAsDouble, BitConverter.DoubleToUInt64Bits(point.Double));
            }

            writer.WriteEncoded(attributes);
        }

        if (isSum)
        {
            writer.WriteVarint(OtlpTag.SumTemporality);
            writer.WriteVarint((uint)Temporality.Cumulative);
        }

        if (run.Metric.Kind == MetricKind.Counter)
        {
            writer.WriteVarint(OtlpTag.SumIsMonotonic);
            writer.WriteVarint(1);
        }
    }

    private static int PointSize(Metric metric, ReadOnlySpan<byte> attributes) =>
        (metric.Kind == MetricKind.Gauge ? 2 : 3) * Fixed64Size + attributes.Length;

    // Kept with the series, so that it goes when a vanished device's series goes. Two threads at once would only do the same work twice.
    private static byte[] AttributesOf(Series series) =>
        series.OtlpAttributes ??= OtlpAttributes.Encode(OtlpTag.PointAttributes, series.Metric.AttributeKeys, series.AttributeValues);

    // Metrics are the few that the catalogue lists, so these may stay for ever.
    private byte[] HeadOf(Metric metric)
    {
        if (!_metricHeads.TryGetValue(metric, out byte[]? head))
        {
            head = EncodeStrings(OtlpTag.MetricName, metric.Name, OtlpTag.MetricUnit, metric.Unit);
            _metricHeads.Add(metric, head);
        }

        return head;
    }

    private static byte[] EncodeResource(HostIdentity host)
    {
        byte[] attributes = host.Id is null
            ? OtlpAttributes.Encode(OtlpTag.ResourceAttributes, ["host.name", "os.type"], [host.Name, "linux"])
            : OtlpAttributes.Encode(OtlpTag.ResourceAttributes, ["host.name", "host.id", "os.type"], [host.Name, host.Id, "linux"]);
        return Wrap(OtlpTag.ResourceMetricsResource, attributes);
    }

    private static byte[] EncodeScope(string version) =>
        Wrap(OtlpTag.ScopeMetricsScope, EncodeStrings(OtlpTag.ScopeName, ScopeName, OtlpTag.ScopeVersion, version));

    private static byte[] Wrap(uint tag, byte[] content)
    {
        byte[] message = new byte[WireWriter.SizeOfField(content.Length)];
        var writer = new WireWriter(message);
        writer.WriteMessageStart(tag, content.Length);
        writer.WriteEncoded(content);
        return message;
    }

    // An empty string is left out, as in every proto3 writer.
    private static byte[] EncodeStrings(uint firstTag, string first, uint secondTag, string second)
    {
        byte[] room = new byte[WireWriter.SizeOfField(Encoding.UTF8.GetByteCount(first)) + WireWriter.SizeOfField(Encoding.UTF8.GetByteCount(second))];
        var writer = new WireWriter(room);
        if (first.Length > 0)
        {
            writer.WriteString(firstTag, first);
        }

        if (second.Length > 0)
        {
            writer.WriteString(secondTag, second);
        }

        return room[..writer.Position];
    }

    /// <summary>Consecutive points of one metric.</summary>
    /// <param name="Metric">Theirs.</param>
    /// <param name="Head">The encoded fields before the data.</param>
    /// <param name="Count">How many points.</param>
    /// <param name="DataSize">Bytes in the gauge or sum.</param>
    /// <param name="Size">Bytes in the metric.</param>
    private readonly record struct MetricRun(Metric Metric, byte[] Head, int Count, int DataSize, int Size);
}
