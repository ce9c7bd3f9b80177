using System.Buffers;
using System.Text;
using Hostwire.Metrics;
using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>From the bytes of a record to dictionary entries: resources, metrics and series that were seen before cost one look-up, whatever their order.</summary>
/// <remarks>
/// Holds entries whose number may not be known yet. Bounded: a record that would pass a bound empties it first, which costs only time.
/// Not safe for use by several threads at once.
/// </remarks>
internal sealed class SeriesCache(FrameRules rules)
{
    // A fleet of one shape has hundreds of series, a mixed one with processes tens of thousands; at about 500 bytes each this stays well below 100 MB.
    private const int SeriesMax = 100_000;
    private const int ResourcesMax = 50_000;

    // At about a kilobyte each.
    private const int LayoutsMax = 20_000;

    // Names and attributes are a few hundred bytes a series; whoever sends kilobytes of them must not take more memory than the rest.
    private const long BytesMax = 128 << 20;

    private readonly Dictionary<StoredBytesKey, ResourceEntry> _resources = new(BytesKeyComparer.Instance);
    private readonly Dictionary<StoredBytesKey, MetricScope> _metrics = new(BytesKeyComparer.Instance);
    private readonly Dictionary<StoredBytesKey, SeriesEntry> _series = new(BytesKeyComparer.Instance);
    private readonly Dictionary<string, ResourceEntry> _resourceEntries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SeriesResource> _seriesResources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostEntry> _hosts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MetricEntry> _metricEntries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SeriesEntry> _seriesEntries = new(StringComparer.Ordinal);
    private readonly Dictionary<int, byte[]> _seriesNumbers = [];
    private readonly ArrayBufferWriter<byte> _scratch = new();
    private long _bytes;
    private MetricScope? _lastMetric;
    private int _lastCacheId;

    /// <summary>Series known to the cache.</summary>
    public int Count => _seriesEntries.Count + Distributions.Count;

    /// <summary>Bytes of names and attributes that it holds, roughly.</summary>
    public long Bytes => _bytes + Distributions.Bytes;

    /// <summary>What it knows of histograms, exponential histograms and summaries.</summary>
    public DistributionCache Distributions { get; } = new();

    /// <summary>The shapes of metrics that were seen often enough.</summary>
    public ShapeCache Shapes { get; } = new();

    /// <summary>The layouts, by the numbers of their series.</summary>
    public Dictionary<int[], LayoutEntry> Layouts { get; } = new(SeriesIdsComparer.Instance);

    /// <summary>How much it holds.</summary>
    public CacheSizes Sizes => new(_hosts.Count, _resourceEntries.Count, _metricEntries.Count, _seriesEntries.Count, Layouts.Count);

    /// <summary>Empties the cache if it has grown past its bounds; only between batches, since a batch compares entries by reference.</summary>
    public void Trim()
    {
        bool hasManySeries = int.Max(_series.Count, int.Max(_seriesEntries.Count, _metrics.Count)) > SeriesMax || Distributions.LargestTable > SeriesMax;
        bool hasManyResources = int.Max(_resources.Count, int.Max(_resourceEntries.Count, _hosts.Count)) > ResourcesMax;
        if (hasManySeries || hasManyResources || Bytes > BytesMax)
        {
            Clear();
        }
        else if (Layouts.Count > LayoutsMax)
        {
            Layouts.Clear();
        }
    }

    /// <summary>Forgets everything: the database may not be the one that the numbers came from.</summary>
    public void Clear()
    {
        _resources.Clear();
        _resourceEntries.Clear();
        _seriesResources.Clear();
        Shapes.Clear();
        _metrics.Clear();
        _series.Clear();
        _hosts.Clear();
        _metricEntries.Clear();
        _seriesEntries.Clear();
        _seriesNumbers.Clear();
        Layouts.Clear();
        Distributions.Clear();
        _lastMetric = null;
        _bytes = 0;
    }

    /// <summary>Whether nothing else is known to have a series' number: of two, one has it from a database that was replaced, and layouts are told by such numbers.</summary>
    public bool IsAlone(SeriesEntry series, int number) =>
        _seriesNumbers.TryAdd(number, series.Identity) || _seriesNumbers[number].AsSpan().SequenceEqual(series.Identity);

    /// <summary>The resource's entry.</summary>
    public ResourceEntry Resource(ReadOnlySpan<byte> record, DecodedRecord decoded, in DecodedResource resource)
    {
        // A resource in pieces has no bytes to compare; no known sender makes one, so it may cost what a new one costs.
        bool comparable = resource.Raw.Length > 0 || resource.AttributeCount == 0;
        var lookup = _resources.GetAlternateLookup<BytesKey>();
        var key = new BytesKey(0, resource.Raw.In(record));
        if (comparable && lookup.TryGetValue(key, out ResourceEntry? known))
        {
            return known;
        }

        ResourceEntry entry = Read(record, decoded.AttributesOf(resource));
        if (comparable)
        {
            lookup[key] = entry;
            _bytes += resource.Raw.Length;
        }

        return entry;
    }

    /// <summary>The entry of a resource that was seen before, byte for byte; else null.</summary>
    public ResourceEntry? Known(ReadOnlySpan<byte> resource) =>
        _resources.GetAlternateLookup<BytesKey>().TryGetValue(new BytesKey(0, resource), out ResourceEntry? known) ? known : null;

    /// <summary>The host that a record's resource speaks of. Name: <c>host.name</c>, else <c>host.id</c>, else the record's key if it is text, else <c>service.instance.id</c>, else <c>unknown</c>.</summary>
    public HostEntry Host(ResourceEntry resource, ReadOnlyMemory<byte>? recordKey)
    {
        HostEntry host = resource.Host ?? HostByKey(resource, recordKey);
        host.See(resource.HostAttributes, resource.HostAttributesJson);
        return host;
    }

    private HostEntry HostByKey(ResourceEntry resource, ReadOnlyMemory<byte>? recordKey)
    {
        ReadOnlySpan<byte> key = HostNames.SignificantOf(recordKey.GetValueOrDefault().Span);
        if (resource.HostByKey is not { } last || !key.SequenceEqual(resource.LastKey))
        {
            last = Host(HostNames.FromKey(key) ?? resource.InstanceId ?? HostNames.Unknown, id: null);
            resource.HostByKey = last;
            resource.LastKey = key.ToArray();
        }

        return last;
    }

    /// <summary>The metric, as this resource and scope send it.</summary>
    public MetricScope Metric(ReadOnlySpan<byte> record, ResourceEntry resource, in DecodedMetric metric)
    {
        ReadOnlySpan<byte> name = metric.Name.In(record);
        ReadOnlySpan<byte> unit = metric.Unit.In(record);
        ReadOnlySpan<byte> scope = metric.ScopeName.In(record);
        MetricKind kind = metric.Kind == MetricDataKind.Gauge ? MetricKind.Gauge : metric.IsMonotonic ? MetricKind.Counter : MetricKind.UpDown;
        if (_lastMetric?.Next is { } expected && expected.Is(resource.OfSeries, kind, metric.Temporality, name, unit, scope))
        {
            return _lastMetric = expected;
        }

        _scratch.ResetWrittenCount();
        _scratch.Write([(byte)kind, (byte)metric.Temporality]);
        AttributeSet.WriteText(_scratch, name);
        AttributeSet.WriteText(_scratch, unit);
        AttributeSet.WriteText(_scratch, scope);
        var lookup = _metrics.GetAlternateLookup<BytesKey>();
        var key = new BytesKey(resource.OfSeries.CacheId, _scratch.WrittenSpan);
        if (!lookup.TryGetValue(key, out MetricScope? known))
        {
            known = new MetricScope
            {
                CacheId = ++_lastCacheId,
                Metric = MetricOf(name, unit, kind, metric.Temporality, metric.Description.In(record)),
                Resource = resource.OfSeries,
                Scope = scope.ToArray(),
                Name = name.ToArray(),
                Unit = unit.ToArray(),
            };
            lookup[key] = known;
            _bytes += 2 * _scratch.WrittenCount;
        }

        if (_lastMetric is { } last)
        {
            last.Next = known;
        }

        return _lastMetric = known;
    }

    /// <summary>The series of a point.</summary>
    public SeriesEntry Series(ReadOnlySpan<byte> record, DecodedRecord decoded, MetricScope metric, in DecodedPoint point)
    {
        bool comparable = point.AttributeBytes.Length > 0 || point.AttributeCount == 0;
        var lookup = _series.GetAlternateLookup<BytesKey>();
        var key = new BytesKey(metric.CacheId, point.AttributeBytes.In(record));
        if (comparable && lookup.TryGetValue(key, out SeriesEntry? known))
        {
            return known;
        }

        SeriesEntry entry = Read(record, metric, decoded.AttributesOf(point));
        if (comparable)
        {
            lookup[key] = entry;
            _bytes += point.AttributeBytes.Length;
        }

        return entry;
    }

    private ResourceEntry Read(ReadOnlySpan<byte> record, ReadOnlySpan<DecodedAttribute> attributes)
    {
        var ofHost = new AttributeSet();
        var ofSeries = new AttributeSet();
        string? name = null;
        string? id = null;
        string? instance = null;
        int bytes = 0;
        foreach (ref readonly DecodedAttribute attribute in attributes)
        {
            bytes += attribute.Key.Length + attribute.Value.Length;
            string key = Encoding.UTF8.GetString(attribute.Key.In(record));
            var value = new AnyValueReader(record, attribute);
            string? text = value is { Kind: AnyValueKind.String, Bytes.Length: > 0 } ? Encoding.UTF8.GetString(value.Bytes) : null;
            switch (key)
            {
                case "host.name":
                    name = text;
                    break;
                case "host.id":
                    id = text;
                    break;
                case "service.instance.id":
                    instance = text;
                    break;
            }

            if (rules.IsOfHost(key))
            {
                ofHost.Add(record, attribute);
            }
            else if (!rules.Drops(key))
            {
                ofSeries.Add(record, attribute);
            }
        }

        // Any order of attributes is one resource: it must be one entry, or the points of one frame would be laid out in several.
        string identity = Convert.ToHexString(Identity.OfResource(ofHost, ofSeries, instance));
        if (!_resourceEntries.TryGetValue(identity, out ResourceEntry? entry))
        {
            entry = new ResourceEntry
            {
                Host = (name ?? id) is { } hostName ? Host(hostName, id) : null,
                InstanceId = instance,
                HostAttributes = ofHost,
                HostAttributesJson = ofHost.ToJson(),
                OfSeries = OfSeries(ofSeries),
            };
            _resourceEntries.Add(identity, entry);
            // Taken apart, and as text.
            _bytes += 3 * bytes;
        }

        return entry;
    }

    private SeriesResource OfSeries(AttributeSet attributes)
    {
        string identity = Convert.ToHexString(Identity.OfResource(new AttributeSet(), attributes, instanceId: null));
        if (!_seriesResources.TryGetValue(identity, out SeriesResource? known))
        {
            known = new SeriesResource(++_lastCacheId, attributes);
            _seriesResources.Add(identity, known);
        }

        return known;
    }

    private HostEntry Host(string name, string? id)
    {
        byte[] identity = Identity.OfHost(name, id);
        string key = Convert.ToHexString(identity);
        if (!_hosts.TryGetValue(key, out HostEntry? host))
        {
            host = new HostEntry(identity, name.Replace('\0', '\uFFFD'));
            _hosts.Add(key, host);
        }

        return host;
    }

    private MetricEntry MetricOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> unit, MetricKind kind, Temporality temporality, ReadOnlySpan<byte> description)
    {
        byte[] identity = Identity.OfMetric(name, unit, kind, temporality);
        string key = Convert.ToHexString(identity);
        if (!_metricEntries.TryGetValue(key, out MetricEntry? metric))
        {
            metric = new MetricEntry(identity)
            {
                Name = AttributeSet.Text(name),
                Unit = AttributeSet.Text(unit),
                Kind = kind,
                Temporality = temporality,
                Description = MetricEntry.DescriptionOf(description),
            };
            _metricEntries.Add(key, metric);
            _bytes += sizeof(char) * metric.Description.Length;
        }

        return metric;
    }

    private SeriesEntry Read(ReadOnlySpan<byte> record, MetricScope metric, ReadOnlySpan<DecodedAttribute> attributes)
    {
        var ofPoint = new AttributeSet();
        foreach (ref readonly DecodedAttribute attribute in attributes)
        {
            ofPoint.Add(record, attribute);
        }

        // Many resources and orders of attributes lead to the same series; it must be one entry, or one batch would make it twice.
        byte[] identity = Identity.OfSeries(metric.Metric.Identity, metric.Scope, metric.Resource.Attributes, ofPoint);
        string key = Convert.ToHexString(identity);
        if (!_seriesEntries.TryGetValue(key, out SeriesEntry? series))
        {
            series = new SeriesEntry(identity)
            {
                Metric = metric.Metric,
                Scope = AttributeSet.Text(metric.Scope),
                AttributesJson = metric.Resource.Attributes.ToJson(preferred: ofPoint),
            };
            _seriesEntries.Add(key, series);
            _bytes += sizeof(char) * series.AttributesJson.Length;
        }

        return series;
    }
}
