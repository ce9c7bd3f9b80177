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
    private DecodedDistribution[] _distributions = new DecodedDistribution[16];
    private ulong[] _counts = new ulong[256];
    private double[] _numbers = new double[256];

    // Negative buckets of the point at hand: they may come in among the positive ones, and are moved behind them.
    private ulong[] _negativeCounts = new ulong[64];
    private int _resourceCount;
    private int _metricCount;
    private int _attributeCount;
    private int _pointCount;
    private int _distributionCount;
    private int _countCount;
    private int _numberCount;
    private int _negativeCountCount;

    /// <summary>The resources that have points, one for each <c>ResourceMetrics</c>.</summary>
    public ReadOnlySpan<DecodedResource> Resources => _resources.AsSpan(0, _resourceCount);

    /// <summary>The metrics that have points, of any kind.</summary>
    public ReadOnlySpan<DecodedMetric> Metrics => _metrics.AsSpan(0, _metricCount);

    /// <summary>The attributes of all resources, points and distributions.</summary>
    public ReadOnlySpan<DecodedAttribute> Attributes => _attributes.AsSpan(0, _attributeCount);

    /// <summary>The points of gauges and sums; those of a metric stand together, in the sender's order.</summary>
    public ReadOnlySpan<DecodedPoint> Points => _points.AsSpan(0, _pointCount);

    /// <summary>The points of histograms, exponential histograms and summaries; those of a metric stand together, in the sender's order.</summary>
    public ReadOnlySpan<DecodedDistribution> Distributions => _distributions.AsSpan(0, _distributionCount);

    /// <summary>Whether it has no point of any kind.</summary>
    public bool IsEmpty => _pointCount == 0 && _distributionCount == 0;

    /// <summary>The counts of all buckets.</summary>
    public ReadOnlySpan<ulong> Counts => _counts.AsSpan(0, _countCount);

    /// <summary>The bounds of all buckets, and all quantiles with their values.</summary>
    public ReadOnlySpan<double> Numbers => _numbers.AsSpan(0, _numberCount);

    /// <summary>Attributes of a resource or a point, from its start and count.</summary>
    public ReadOnlySpan<DecodedAttribute> AttributesOf(in DecodedResource resource) =>
        _attributes.AsSpan(resource.AttributeStart, resource.AttributeCount);

    /// <inheritdoc cref="AttributesOf(in DecodedResource)"/>
    public ReadOnlySpan<DecodedAttribute> AttributesOf(in DecodedPoint point) => _attributes.AsSpan(point.AttributeStart, point.AttributeCount);

    /// <inheritdoc cref="AttributesOf(in DecodedResource)"/>
    public ReadOnlySpan<DecodedAttribute> AttributesOf(in DecodedDistribution distribution) =>
        _attributes.AsSpan(distribution.AttributeStart, distribution.AttributeCount);

    /// <summary>How many values each bucket of a histogram, or each positive bucket of an exponential one, has.</summary>
    public ReadOnlySpan<ulong> BucketsOf(in DecodedDistribution distribution) => _counts.AsSpan(distribution.CountStart, distribution.BucketCount);

    /// <summary>How many values each negative bucket of an exponential histogram has.</summary>
    public ReadOnlySpan<ulong> NegativeBucketsOf(in DecodedDistribution distribution) =>
        _counts.AsSpan(distribution.CountStart + distribution.BucketCount, distribution.NegativeBucketCount);

    /// <summary>The bounds of a histogram, one less than its buckets; or a summary's quantiles, each followed by its value.</summary>
    public ReadOnlySpan<double> NumbersOf(in DecodedDistribution distribution) => _numbers.AsSpan(distribution.NumberStart, distribution.NumberCount);

    internal int ResourceCount => _resourceCount;

    internal int MetricCount => _metricCount;

    internal int AttributeCount => _attributeCount;

    internal int PointCount => _pointCount;

    internal int DistributionCount => _distributionCount;

    internal int CountCount => _countCount;

    internal int NumberCount => _numberCount;

    /// <summary>All that a point may be made of; bounded by <see cref="OtlpDecoder.MaxPoints"/>.</summary>
    internal int ValueCount => _pointCount + _distributionCount + _countCount + _numberCount + _negativeCountCount;

    internal void Clear()
    {
        Shrink(ref _resources);
        Shrink(ref _metrics);
        Shrink(ref _attributes);
        Shrink(ref _points);
        Shrink(ref _distributions);
        Shrink(ref _counts);
        Shrink(ref _numbers);
        Shrink(ref _negativeCounts);
        _resourceCount = _metricCount = _attributeCount = _pointCount = _distributionCount = _countCount = _numberCount = _negativeCountCount = 0;
    }

    internal void Add(in DecodedResource resource) => Append(ref _resources, ref _resourceCount, resource);

    internal void Add(in DecodedMetric metric) => Append(ref _metrics, ref _metricCount, metric);

    internal void Add(in DecodedAttribute attribute) => Append(ref _attributes, ref _attributeCount, attribute);

    internal void Add(in DecodedPoint point) => Append(ref _points, ref _pointCount, point);

    internal void Add(in DecodedDistribution distribution) => Append(ref _distributions, ref _distributionCount, distribution);

    internal void AddCount(ulong count) => Append(ref _counts, ref _countCount, count);

    internal void AddNumber(double number) => Append(ref _numbers, ref _numberCount, number);

    internal void AddNegativeCount(ulong count) => Append(ref _negativeCounts, ref _negativeCountCount, count);

    /// <summary>Moves the negative buckets of a point behind its positive ones; returns how many there were.</summary>
    internal int EndNegativeCounts()
    {
        int moved = _negativeCountCount;
        for (int index = 0; index < moved; index++)
        {
            AddCount(_negativeCounts[index]);
        }

        _negativeCountCount = 0;
        return moved;
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
