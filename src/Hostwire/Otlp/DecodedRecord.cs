namespace Hostwire.Otlp;

/// <summary>What <see cref="OtlpDecoder"/> found in one record, as flat lists that refer to the record's bytes and to each other by index.</summary>
/// <remarks>
/// Made once and used for record after record: it grows to the largest one and then allocates nothing. Valid until the next
/// decoding into it, together with the record's bytes. After a refusal its content means nothing. Not safe for use by several threads at once.
/// </remarks>
public sealed class DecodedRecord
{
    // A record of Kafka's default limit of 1 MB has fewer entries than this. What a rare giant needed is given back with the next record.
    private const int EntriesKept = 65_536;

    private DecodedResource[] _resources = new DecodedResource[16];
    private DecodedMetric[] _metrics = new DecodedMetric[64];
    private DecodedAttribute[] _attributes = new DecodedAttribute[512];
    private DecodedPoint[] _points = new DecodedPoint[256];
    private int _resourceCount;
    private int _metricCount;
    private int _attributeCount;
    private int _pointCount;

    /// <summary>The resources that have points, one for each <c>ResourceMetrics</c>.</summary>
    public ReadOnlySpan<DecodedResource> Resources => _resources.AsSpan(0, _resourceCount);

    /// <summary>The metrics that have points, of any kind.</summary>
    public ReadOnlySpan<DecodedMetric> Metrics => _metrics.AsSpan(0, _metricCount);

    /// <summary>The attributes of all resources and points.</summary>
    public ReadOnlySpan<DecodedAttribute> Attributes => _attributes.AsSpan(0, _attributeCount);

    /// <summary>The points of gauges and sums; those of a metric stand together, in the sender's order.</summary>
    public ReadOnlySpan<DecodedPoint> Points => _points.AsSpan(0, _pointCount);

    /// <summary>How many points of other kinds there were. They were checked, but are not in <see cref="Points"/>.</summary>
    public int UnsupportedPoints { get; private set; }

    /// <summary>Which kinds those were.</summary>
    public UnsupportedKinds UnsupportedKinds { get; private set; }

    /// <summary>Attributes of a resource or a point, from its start and count.</summary>
    public ReadOnlySpan<DecodedAttribute> AttributesOf(in DecodedResource resource) =>
        _attributes.AsSpan(resource.AttributeStart, resource.AttributeCount);

    /// <inheritdoc cref="AttributesOf(in DecodedResource)"/>
    public ReadOnlySpan<DecodedAttribute> AttributesOf(in DecodedPoint point) => _attributes.AsSpan(point.AttributeStart, point.AttributeCount);

    internal int ResourceCount => _resourceCount;

    internal int MetricCount => _metricCount;

    internal int AttributeCount => _attributeCount;

    internal int PointCount => _pointCount;

    internal void Clear()
    {
        Shrink(ref _resources);
        Shrink(ref _metrics);
        Shrink(ref _attributes);
        Shrink(ref _points);
        _resourceCount = _metricCount = _attributeCount = _pointCount = UnsupportedPoints = 0;
        UnsupportedKinds = UnsupportedKinds.None;
    }

    internal void Add(in DecodedResource resource) => Append(ref _resources, ref _resourceCount, resource);

    internal void Add(in DecodedMetric metric) => Append(ref _metrics, ref _metricCount, metric);

    internal void Add(in DecodedAttribute attribute) => Append(ref _attributes, ref _attributeCount, attribute);

    internal void Add(in DecodedPoint point) => Append(ref _points, ref _pointCount, point);

    internal void AddUnsupportedPoint(UnsupportedKinds kind)
    {
        UnsupportedPoints++;
        UnsupportedKinds |= kind;
    }

    // Attributes of a resource without points: nobody refers to them, and only what somebody refers to may take room.
    internal void TruncateAttributes(int count) => _attributeCount = count;

    private static void Append<T>(ref T[] list, ref int count, in T item)
    {
        if (count == list.Length)
        {
            Array.Resize(ref list, 2 * count);
        }

        list[count++] = item;
    }

    private static void Shrink<T>(ref T[] list)
    {
        if (list.Length > EntriesKept)
        {
            list = new T[EntriesKept];
        }
    }
}
