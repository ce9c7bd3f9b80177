using System.Buffers;
using Hostwire.Metrics;
using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>The part of <see cref="SeriesCache"/> that knows histograms, exponential histograms and summaries: one look-up a point, and one in a small table for each of its numbers.</summary>
internal sealed class DistributionCache
{
    private readonly Dictionary<StoredBytesKey, DistributionScope> _scopes = new(BytesKeyComparer.Instance);
    private readonly Dictionary<StoredBytesKey, DistributionSeries> _series = new(BytesKeyComparer.Instance);
    private readonly Dictionary<string, DistributionMetric> _metricEntries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DistributionSeries> _seriesEntries = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _scratch = new();
    private int _lastCacheId;

    /// <summary>Series of parts known to the cache.</summary>
    public int Count { get; private set; }

    /// <summary>The most entries of any of its tables.</summary>
    public int LargestTable => int.Max(int.Max(_scopes.Count, _series.Count), int.Max(_seriesEntries.Count, Count));

    /// <summary>Bytes of names and attributes that it holds, roughly.</summary>
    public long Bytes { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _scopes.Clear();
        _series.Clear();
        _metricEntries.Clear();
        _seriesEntries.Clear();
        Count = 0;
        Bytes = 0;
    }

    /// <summary>The metric, as this resource and scope send it.</summary>
    public DistributionScope Scope(ReadOnlySpan<byte> record, ResourceEntry resource, in DecodedMetric metric)
    {
        ReadOnlySpan<byte> name = metric.Name.In(record);
        ReadOnlySpan<byte> unit = metric.Unit.In(record);
        ReadOnlySpan<byte> scope = metric.ScopeName.In(record);
        _scratch.ResetWrittenCount();
        _scratch.Write([(byte)metric.Kind, (byte)metric.Temporality]);
        AttributeSet.WriteText(_scratch, name);
        AttributeSet.WriteText(_scratch, unit);
        AttributeSet.WriteText(_scratch, scope);
        var lookup = _scopes.GetAlternateLookup<BytesKey>();
        var key = new BytesKey(resource.OfSeries.CacheId, _scratch.WrittenSpan);
        if (!lookup.TryGetValue(key, out DistributionScope? known))
        {
            known = new DistributionScope(++_lastCacheId, MetricOf(name, unit, metric, metric.Description.In(record)), resource.OfSeries, scope.ToArray());
            lookup[key] = known;
            Bytes += _scratch.WrittenCount + scope.Length;
        }

        return known;
    }

    /// <summary>The metric with the attributes of a point.</summary>
    public DistributionSeries Series(ReadOnlySpan<byte> record, DecodedRecord decoded, DistributionScope scope, in DecodedDistribution point)
    {
        bool comparable = point.AttributeBytes.Length > 0 || point.AttributeCount == 0;
        var lookup = _series.GetAlternateLookup<BytesKey>();
        var key = new BytesKey(scope.CacheId, point.AttributeBytes.In(record));
        if (comparable && lookup.TryGetValue(key, out DistributionSeries? known))
        {
            return known;
        }

        DistributionSeries series = Read(record, scope, decoded.AttributesOf(point));
        if (comparable)
        {
            lookup[key] = series;
            Bytes += point.AttributeBytes.Length;
        }

        return series;
    }

    /// <summary>The series of a number of a point.</summary>
    public SeriesEntry Part(DistributionSeries series, in PartValue value)
    {
        SeriesEntry entry = series.Part(value.Part, value.Label, out bool isNew);
        if (isNew)
        {
            Count++;
            Bytes += sizeof(char) * entry.AttributesJson.Length;
        }

        return entry;
    }

    private DistributionMetric MetricOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> unit, in DecodedMetric metric, ReadOnlySpan<byte> description)
    {
        Temporality temporality = metric.Kind == MetricDataKind.Summary ? Temporality.Cumulative : metric.Temporality;
        byte[] identity = Identity.OfDistribution(name, unit, metric.Kind, temporality);
        string key = Convert.ToHexString(identity);
        if (!_metricEntries.TryGetValue(key, out DistributionMetric? entry))
        {
            entry = new DistributionMetric
            {
                Identity = identity,
                Kind = metric.Kind,
                Name = AttributeSet.Text(name),
                Unit = AttributeSet.Text(unit),
                Temporality = temporality,
                Description = MetricEntry.DescriptionOf(description),
            };
            _metricEntries.Add(key, entry);
            Bytes += sizeof(char) * entry.Description.Length;
        }

        return entry;
    }

    private DistributionSeries Read(ReadOnlySpan<byte> record, DistributionScope scope, ReadOnlySpan<DecodedAttribute> attributes)
    {
        var ofPoint = new AttributeSet();
        foreach (ref readonly DecodedAttribute attribute in attributes)
        {
            ofPoint.Add(record, attribute);
        }

        // Many resources and orders of attributes lead to the same series; it must be one entry, or one batch would make its parts twice.
        byte[] identity = Identity.OfSeries(scope.Metric.Identity, scope.Scope, scope.Resource.Attributes, ofPoint);
        string key = Convert.ToHexString(identity);
        if (!_seriesEntries.TryGetValue(key, out DistributionSeries? series))
        {
            series = new DistributionSeries(identity, scope, ofPoint);
            _seriesEntries.Add(key, series);
        }

        return series;
    }
}
