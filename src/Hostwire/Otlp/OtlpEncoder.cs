using System.Runtime.InteropServices;
using Hostwire.Metrics;

namespace Hostwire.Otlp;

/// <summary>Encodes scrapes as OTLP, one <c>ExportMetricsServiceRequest</c> each: of one host, or of many that share an encoder's memory.</summary>
/// <remarks>
/// One resource and one scope for the host, and another for each <see cref="Subject"/>; in each of them every metric once with all its points, wherever they
/// stand in the scrape. The bytes are what protoc's own writer would make of the message. The same series in the same order always give the same bytes, but for the eight of each value and of
/// each time, so a reader can recognise a scrape's shape by comparing bytes. Descriptions are left out: they never change, and the catalogue
/// and its page have them. Allocates nothing once it has seen every series. Not safe for use by several threads at once.
/// </remarks>
public sealed class OtlpEncoder
{
    /// <summary>The name of the instrumentation scope that our agents send.</summary>
    public const string ScopeName = "hostwire";

    // A tag and eight bytes.
    private const int Fixed64Size = 1 + sizeof(ulong);

    private readonly OtlpSource? _source;
    private readonly byte[] _scope;

    // Metrics are the few that the catalogue lists; only a command of a user's that prints other names all the time makes more than these.
    private const int DraftsMax = 10_000;

    private readonly Dictionary<Metric, OtlpMetricDraft> _drafts = new(ReferenceEqualityComparer.Instance);

    // Of the record at hand: its metrics in the order in which they appear, and the runs of points that each of them has.
    private readonly List<OtlpMetricDraft> _metrics = [];
    private readonly List<OtlpPointRun> _runs = [];
    private byte[] _buffer = [];
    private int _length;

    /// <summary>Makes an encoder for one host.</summary>
    /// <param name="host">Becomes the resource's <c>host.name</c> and, where there is one, <c>host.id</c>.</param>
    /// <param name="startTimeUnixNano">Since when this agent's totals count, in nanoseconds since 1970; sent with every sum.</param>
    /// <param name="scopeVersion">Our own version.</param>
    public OtlpEncoder(HostIdentity host, long startTimeUnixNano, string scopeVersion)
        : this(scopeVersion) => _source = new OtlpSource(host, startTimeUnixNano);

    /// <summary>Makes an encoder for many hosts; each call names one.</summary>
    /// <param name="scopeVersion">Our own version.</param>
    public OtlpEncoder(string scopeVersion) => _scope = EncodeScope(scopeVersion);

    /// <summary>Encodes the points of the one host that this encoder was made for; the bytes are valid until the next call.</summary>
    public ReadOnlyMemory<byte> Encode(ReadOnlySpan<ScrapePoint> points) =>
        Encode(_source ?? throw new InvalidOperationException("This encoder was made for many hosts: say which."), points);

    /// <summary>Encodes the points of a host; the bytes are valid until the next call.</summary>
    public ReadOnlyMemory<byte> Encode(OtlpSource source, ReadOnlySpan<ScrapePoint> points)
    {
        if (_drafts.Count > DraftsMax)
        {
            _drafts.Clear();
        }

        _length = 0;
        AppendResource(source, subject: null, points);

        // A subject's points stand together, for its collector adds them one after the other.
        for (int start = 0, end; start < points.Length; start = end)
        {
            Subject? subject = points[start].Series.Subject;
            for (end = start + 1; end < points.Length && ReferenceEquals(points[end].Series.Subject, subject); end++)
            {
            }

            if (subject is not null)
            {
                AppendResource(source, subject, points[start..end]);
            }
        }

        return _buffer.AsMemory(0, _length);
    }

    /// <summary>Appends the points of one subject, or of the host: a request is a list of such resources, and what is put behind it belongs to it.</summary>
    private void AppendResource(OtlpSource source, Subject? subject, ReadOnlySpan<ScrapePoint> points)
    {
        // Lengths stand before what they measure, so everything is measured first.
        Draft(points, subject);
        if (_metrics.Count == 0 && !points.IsEmpty)
        {
            return;
        }

        int scopeMetricsSize = _scope.Length;
        foreach (OtlpMetricDraft metric in _metrics)
        {
            scopeMetricsSize += WireWriter.SizeOfField(metric.Size);
        }

        ReadOnlySpan<byte> subjectAttributes = AttributesOf(subject);
        int resourceSize = source.ResourceAttributes.Length + subjectAttributes.Length;
        int resourceMetricsSize = WireWriter.SizeOfField(resourceSize) + WireWriter.SizeOfField(scopeMetricsSize);
        int size = WireWriter.SizeOfField(resourceMetricsSize);
        if (_buffer.Length < _length + size)
        {
            Array.Resize(ref _buffer, _length + size + ((_length + size) / 4));
        }

        var writer = new WireWriter(_buffer.AsSpan(_length, size));
        writer.WriteMessageStart(OtlpTag.RequestResourceMetrics, resourceMetricsSize);
        writer.WriteMessageStart(OtlpTag.ResourceMetricsResource, resourceSize);
        writer.WriteEncoded(source.ResourceAttributes);
        writer.WriteEncoded(subjectAttributes);
        writer.WriteMessageStart(OtlpTag.ResourceMetricsScopeMetrics, scopeMetricsSize);
        writer.WriteEncoded(_scope);
        foreach (OtlpMetricDraft metric in _metrics)
        {
            WriteMetric(ref writer, metric, source.StartTime, points);
            metric.Clear();
        }

        _metrics.Clear();
        _runs.Clear();
        _length += writer.Position;
    }

    private void Draft(ReadOnlySpan<ScrapePoint> points, Subject? subject)
    {
        for (int start = 0, end; start < points.Length; start = end)
        {
            Series first = points[start].Series;
            if (!ReferenceEquals(first.Subject, subject))
            {
                end = start + 1;
                continue;
            }

            OtlpMetricDraft draft = DraftOf(first.Metric);
            int size = 0;
            for (end = start; end < points.Length && ReferenceEquals(points[end].Series.Metric, first.Metric) && ReferenceEquals(points[end].Series.Subject, subject); end++)
            {
                size += WireWriter.SizeOfField(PointSize(draft, AttributesOf(points[end].Series)));
            }

            if (draft.FirstRun == OtlpPointRun.None)
            {
                _metrics.Add(draft);
                draft.FirstRun = _runs.Count;
            }
            else
            {
                CollectionsMarshal.AsSpan(_runs)[draft.LastRun].Next = _runs.Count;
            }

            draft.LastRun = _runs.Count;
            draft.DataSize += size;
            _runs.Add(new OtlpPointRun(start, end - start));
        }
    }

    private void WriteMetric(ref WireWriter writer, OtlpMetricDraft metric, ulong startTime, ReadOnlySpan<ScrapePoint> points)
    {
        writer.WriteMessageStart(OtlpTag.ScopeMetricsMetrics, metric.Size);
        writer.WriteEncoded(metric.Head);
        writer.WriteMessageStart(metric.IsSum ? OtlpTag.MetricSum : OtlpTag.MetricGauge, metric.DataSize);
        for (int run = metric.FirstRun; run != OtlpPointRun.None; run = _runs[run].Next)
        {
            foreach (ref readonly ScrapePoint point in points.Slice(_runs[run].Start, _runs[run].Count))
            {
                WritePoint(ref writer, metric, startTime, point);
            }
        }

        writer.WriteEncoded(metric.Tail);
    }

    private static void WritePoint(ref WireWriter writer, OtlpMetricDraft metric, ulong startTime, in ScrapePoint point)
    {
        ReadOnlySpan<byte> attributes = AttributesOf(point.Series);
        writer.WriteMessageStart(OtlpTag.DataPoints, PointSize(metric, attributes));
        if (metric.IsSum)
        {
            writer.WriteFixed64(OtlpTag.PointStartTime, startTime);
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

    // Time and value; of sums also the start.
    private static int PointSize(OtlpMetricDraft metric, ReadOnlySpan<byte> attributes) =>
        ((metric.IsSum ? 3 : 2) * Fixed64Size) + attributes.Length;

    // Kept with the series, so that it goes when a vanished device's series goes. Two threads at once would only do the same work twice.
    private static byte[] AttributesOf(Series series) =>
        series.OtlpAttributes ??= OtlpAttributes.Encode(OtlpTag.PointAttributes, series.AttributeKeys, series.AttributeValues);

    private static ReadOnlySpan<byte> AttributesOf(Subject? subject) =>
        subject is null ? default : subject.OtlpAttributes ??= OtlpAttributes.Encode(OtlpTag.ResourceAttributes, subject.Keys, subject.Values);

    private OtlpMetricDraft DraftOf(Metric metric)
    {
        if (!_drafts.TryGetValue(metric, out OtlpMetricDraft? draft))
        {
            draft = new OtlpMetricDraft(metric);
            _drafts.Add(metric, draft);
        }

        return draft;
    }

    private static byte[] EncodeScope(string version) =>
        WireWriter.EncodeMessage(OtlpTag.ScopeMetricsScope, WireWriter.EncodeStrings(OtlpTag.ScopeName, ScopeName, OtlpTag.ScopeVersion, version));
}
