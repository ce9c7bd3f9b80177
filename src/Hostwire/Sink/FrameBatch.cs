using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>Turns the records of one batch into frames, in two steps: <see cref="Decode"/>, then, once all series have numbers, <see cref="Arrange"/>. Used for batch after batch.</summary>
/// <remarks>Not safe for use by several threads at once, nor are two with the same cache.</remarks>
internal sealed partial class FrameBatch(SeriesCache cache, FrameRules rules)
{
    // Beyond these a record is set aside: they bound what one hostile record may cost memory, dictionary and indexes.
    private const int NewSeriesPerRecordMax = 20_000;
    private const int NewBytesPerRecordMax = 32 << 20;
    private const int FramesPerRecordMax = short.MaxValue;
    private const int NameBytesMax = 1024;
    private const int AttributeBytesMax = 64 * 1024;

    // A batch that brings more than this ends early: what is new goes to the dictionary in one statement, and until then lies in memory.
    private const int NewSeriesPerBatchMax = 50_000;
    private const int NewBytesPerBatchMax = 32 << 20;

    // Each has a row of its own; beyond this they are only counted.
    private const int ConflictsListedMax = 1_000;

    private const long NanosPerMicro = 1000;

    private readonly DecodedRecord _decoded = new();
    private readonly JsonRecord _json = new();
    private readonly FrameSlots _slots = new();

    // Of the whole batch: the points, group by group.
    private readonly List<FramePoint> _points = [];
    private readonly List<FrameGroup> _groups = [];

    // Of the record at hand.
    private readonly Dictionary<(object Source, HostEntry Host, long TimeMicros), int> _groupsOfRecord = new(GroupComparer.Instance);
    private readonly Dictionary<(object Source, HostEntry Host, long TimeMicros), int> _distributionsOfRecord = new(GroupComparer.Instance);
    private readonly List<PartValue> _parts = [];
    private readonly List<int> _groupOfPoint = [];
    private readonly List<int> _groupSizes = [];
    private readonly List<RecordGroup> _recordGroups = [];
    private readonly List<FramePoint> _pointsOfRecord = [];
    private readonly HashSet<DictionaryEntry> _unknown = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<HostEntry> _changedHosts = new(ReferenceEqualityComparer.Instance);
    private long[] _order = new long[256];
    private int[] _ids = new int[256];
    private ResourceEntry? _lastResource;
    private int _lastGroup;
    private bool _isMixed;
    private int _inexact;
    private int _inexactOfRecord;
    private int _valuesBeforeRecord;

    /// <summary>The frames, in the order of their records; valid after <see cref="Arrange"/>.</summary>
    public List<Frame> Frames { get; } = [];

    /// <summary>Values of all frames.</summary>
    public List<double> Values { get; } = [];

    /// <summary>For each value, whether it is one; false: null.</summary>
    public List<bool> HasValue { get; } = [];

    /// <summary>Records to be set aside.</summary>
    public List<DeadLetter> DeadLetters { get; } = [];

    /// <summary>Points given twice with different values, the first of them.</summary>
    public List<PointConflict> Conflicts { get; } = [];

    /// <summary>How many there are.</summary>
    public int ConflictingPoints { get; private set; }

    /// <summary>Points given twice with the same value.</summary>
    public int DuplicatePoints { get; private set; }

    /// <summary>Whole numbers that no double equals.</summary>
    public int InexactValues => _inexact;

    /// <summary>Hosts that have a number, and whose attributes are others than those stored; valid after <see cref="Decode"/>.</summary>
    public IReadOnlyCollection<HostEntry> ChangedHosts => _changedHosts;

    /// <summary>Hosts, metrics and series without a number; valid after <see cref="Decode"/>, and then layouts, after <see cref="Arrange"/>.</summary>
    public IReadOnlyCollection<DictionaryEntry> Unknown => _unknown;

    /// <summary>How many of the groups of points were taken by a shape that was known; the others were decoded point by point.</summary>
    public int GroupsByShape { get; private set; }

    /// <summary>Decodes records. Those that cannot be stored go to <see cref="DeadLetters"/>.</summary>
    /// <returns>How many: not all of them where the first ones already bring more that is new than one batch should.</returns>
    public int Decode(ReadOnlySpan<RawRecord> records)
    {
        Clear();
        cache.Trim();
        (int Series, long Bytes) before = Known;
        for (int index = 0; index < records.Length; index++)
        {
            if (index > 0 && IsMuch(before, NewSeriesPerBatchMax, NewBytesPerBatchMax))
            {
                return index;
            }

            if (Decode(records[index], index) is { } reason)
            {
                DeadLetters.Add(new DeadLetter(index, reason));
            }
        }

        return records.Length;
    }

    /// <summary>Lays the points out in frames. Every host and series must have its number by now.</summary>
    public void Arrange()
    {
        _unknown.Clear();
        foreach (ref readonly FrameGroup group in CollectionsMarshal.AsSpan(_groups))
        {
            if (group.Shape is { } shape)
            {
                Arrange(group, shape);
            }
            else
            {
                Arrange(group);
            }
        }

        _slots.Assign(CollectionsMarshal.AsSpan(Frames));
    }

    /// <summary>Nothing is to be stored of the batch's one record, which is set aside instead.</summary>
    public void Refuse(string reason)
    {
        Clear();
        DeadLetters.Add(new DeadLetter(0, reason));
    }

    /// <summary>A frame's values.</summary>
    public double?[] ValuesOf(Frame frame)
    {
        double?[] values = new double?[frame.Count];
        for (int index = 0; index < values.Length; index++)
        {
            values[index] = HasValue[frame.Start + index] ? Values[frame.Start + index] : null;
        }

        return values;
    }

    /// <summary>The series of some of the batch's layouts, each once.</summary>
    public IReadOnlyCollection<SeriesEntry> SeriesOf(IReadOnlyCollection<LayoutEntry> layouts)
    {
        HashSet<int> wanted = [.. layouts.SelectMany(layout => layout.SeriesIds)];
        var series = new HashSet<SeriesEntry>(ReferenceEqualityComparer.Instance);
        foreach (ref readonly FramePoint point in CollectionsMarshal.AsSpan(_points))
        {
            if (wanted.Contains(point.Series.Id))
            {
                series.Add(point.Series);
            }
        }

        return series;
    }

    private void Clear()
    {
        _points.Clear();
        _groups.Clear();
        _unknown.Clear();
        _changedHosts.Clear();
        Frames.Clear();
        Values.Clear();
        HasValue.Clear();
        DeadLetters.Clear();
        Conflicts.Clear();
        DuplicatePoints = ConflictingPoints = _inexact = GroupsByShape = 0;
    }

    /// <summary>Adds one record; null, or the reason why it cannot be stored, in which case nothing of it was added.</summary>
    private string? Decode(RawRecord raw, int recordIndex)
    {
        if (raw.Value is not { } value)
        {
            return "The record has no value.";
        }

        if (value.Length > RawRecord.PartBytesMax)
        {
            return $"The record is longer than {RawRecord.PartBytesMax} bytes; its payload is not kept.";
        }

        (int Series, long Bytes) before = Known;
        if (TryDecodeInParts(value, raw.Key, recordIndex, before))
        {
            return null;
        }

        ReadOnlySpan<byte> record = value.Span;
        DecodeResult result = OtlpDecoder.TryDecode(record, _decoded);
        bool isJson = (result.IsMalformed || (result.IsOk && _decoded.IsEmpty)) && JsonRecord.IsMeant(record);
        if (isJson)
        {
            if (_json.Read(raw) is { } refusal)
            {
                return refusal;
            }

            record = _json.Protobuf;
            result = OtlpDecoder.TryDecode(record, _decoded);
        }

        if (!result.IsOk)
        {
            return result.ReasonAt(Place(record, result.Position, isJson));
        }

        if (_decoded.IsEmpty)
        {
            // Logs, traces and much junk pass for metrics that a parser does not know: nothing is to be dropped in silence.
            return "The record holds no point of a metric: it is empty, or of another kind.";
        }

        if (TooLong(record, isJson) is { } reason)
        {
            return reason;
        }

        BeginRecord();
        bool isAdded = TryAddPoints(record, raw.Key, before) && TryAddDistributions(record, raw.Key, before);
        if (!isAdded && IsMuch(before, NewSeriesPerRecordMax, NewBytesPerRecordMax))
        {
            cache.Clear();
            return $"The record has more than {NewSeriesPerRecordMax} series that were never seen before, or more than {NewBytesPerRecordMax >> 20} MiB of attributes of such.";
        }

        if (!isAdded || FramesOfRecordMax() > FramesPerRecordMax)
        {
            return $"The record would become more than {FramesPerRecordMax} rows, which nothing but damage or malice asks for.";
        }

        EndRecord(recordIndex);
        return null;
    }

    /// <summary>What the cache holds.</summary>
    private (int Series, long Bytes) Known => (cache.Count, cache.Bytes);

    private bool IsMuch(in (int Series, long Bytes) before, int seriesMax, long bytesMax) => cache.Count - before.Series > seriesMax || cache.Bytes - before.Bytes > bytesMax;

    private bool IsTooMuch(in (int Series, long Bytes) before) => _recordGroups.Count > FramesPerRecordMax || IsMuch(before, NewSeriesPerRecordMax, NewBytesPerRecordMax);

    /// <summary>How many frames the record at hand has at most.</summary>
    private int FramesOfRecordMax()
    {
        int frames = _recordGroups.Count + (_pointsOfRecord.Count / rules.LayoutMaxSeries);
        foreach (ref readonly RecordGroup group in CollectionsMarshal.AsSpan(_recordGroups))
        {
            frames += group.Shape is { } shape ? shape.Frames.Length - 1 : 0;
        }

        return frames;
    }

    /// <summary>Adds the record's gauges and sums; false where it has more that is new, or more times, than one record may.</summary>
    private bool TryAddPoints(ReadOnlySpan<byte> record, ReadOnlyMemory<byte>? recordKey, in (int Series, long Bytes) before)
    {
        int metricIndex = -1;
        MetricScope? metric = null;
        ResourceEntry? resource = null;
        HostEntry? host = null;
        foreach (ref readonly DecodedPoint point in _decoded.Points)
        {
            if (point.MetricIndex != metricIndex)
            {
                metricIndex = point.MetricIndex;
                ref readonly DecodedMetric decodedMetric = ref _decoded.Metrics[metricIndex];
                resource = cache.Resource(record, _decoded, _decoded.Resources[decodedMetric.ResourceIndex]);
                host = cache.Host(resource, recordKey);
                metric = cache.Metric(record, resource, decodedMetric);
            }

            SeriesEntry series = cache.Series(record, _decoded, metric!, point);
            if (IsTooMuch(before))
            {
                return false;
            }

            _inexactOfRecord += point.IsInexact && point.HasValue ? 1 : 0;
            AddToRecord(resource!, host!, (long)(point.TimeUnixNano / NanosPerMicro), new FramePoint(series, point.Value, point.HasValue));
        }

        return true;
    }

    /// <summary>Adds the record's histograms, exponential histograms and summaries; false where it has more that is new, or more times, than one record may.</summary>
    private bool TryAddDistributions(ReadOnlySpan<byte> record, ReadOnlyMemory<byte>? recordKey, in (int Series, long Bytes) before)
    {
        int metricIndex = -1;
        DistributionScope? scope = null;
        HostEntry? host = null;
        foreach (ref readonly DecodedDistribution point in _decoded.Distributions)
        {
            if (point.MetricIndex != metricIndex)
            {
                metricIndex = point.MetricIndex;
                ref readonly DecodedMetric decodedMetric = ref _decoded.Metrics[metricIndex];
                ResourceEntry resource = cache.Resource(record, _decoded, _decoded.Resources[decodedMetric.ResourceIndex]);
                host = cache.Host(resource, recordKey);
                scope = cache.Distributions.Scope(record, resource, decodedMetric);
            }

            DistributionSeries series = cache.Distributions.Series(record, _decoded, scope!, point);
            DistributionParts.List(_decoded, point, series.Metric.Kind, _parts);
            int group = GroupOf(series, host!, (long)(point.TimeUnixNano / NanosPerMicro), out bool isRepeat);
            foreach (ref readonly PartValue part in CollectionsMarshal.AsSpan(_parts))
            {
                SeriesEntry ofPart = cache.Distributions.Part(series, part);
                if (IsTooMuch(before))
                {
                    return false;
                }

                _inexactOfRecord += part.IsInexact && point.HasValue ? 1 : 0;
                AddToGroup(group, new FramePoint(ofPart, part.Value, point.HasValue, isRepeat));
            }
        }

        return true;
    }

    private string? TooLong(ReadOnlySpan<byte> record, bool isJson = false)
    {
        foreach (ref readonly DecodedMetric metric in _decoded.Metrics)
        {
            if (metric.Name.Length > NameBytesMax || metric.Unit.Length > NameBytesMax || metric.ScopeName.Length > NameBytesMax)
            {
                return $"The name, unit or scope of a metric at {Place(record, metric.Name.Start, isJson)} is longer than {NameBytesMax} bytes.";
            }
        }

        foreach (ref readonly DecodedResource resource in _decoded.Resources)
        {
            int bytes = 0;
            foreach (ref readonly DecodedAttribute attribute in _decoded.AttributesOf(resource))
            {
                bytes += attribute.Key.Length + attribute.Value.Length;
                if (attribute.Value.Length > NameBytesMax && IsHostsName(attribute.Key.In(record)))
                {
                    return $"The name of a host at {Place(record, attribute.Key.Start, isJson)} is longer than {NameBytesMax} bytes.";
                }
            }

            if (bytes > AttributeBytesMax)
            {
                return $"The attributes of a resource at {Place(record, resource.Raw.Start, isJson)} are longer than {AttributeBytesMax} bytes.";
            }
        }

        bool isTooLong = false;
        foreach (ref readonly DecodedPoint point in _decoded.Points)
        {
            isTooLong |= IsTooLong(_decoded.AttributesOf(point));
        }

        foreach (ref readonly DecodedDistribution point in _decoded.Distributions)
        {
            isTooLong |= IsTooLong(_decoded.AttributesOf(point));
        }

        return isTooLong ? $"The attributes of a point are longer than {AttributeBytesMax} bytes." : null;
    }

    // These tell hosts apart. Others, such as host.ip, may be long lists.
    private static bool IsHostsName(ReadOnlySpan<byte> key) => key.SequenceEqual("host.name"u8) || key.SequenceEqual("host.id"u8);

    /// <summary>Where it is, for people who see the record in the form in which it came.</summary>
    private static string Place(ReadOnlySpan<byte> record, int position, bool isJson) => isJson ? OtlpPath.Of(record, position) : $"byte {position}";

    private static bool IsTooLong(ReadOnlySpan<DecodedAttribute> attributes)
    {
        int bytes = 0;
        foreach (ref readonly DecodedAttribute attribute in attributes)
        {
            bytes += attribute.Key.Length + attribute.Value.Length;
        }

        return bytes > AttributeBytesMax;
    }

    private void BeginRecord()
    {
        _inexactOfRecord = 0;
        _valuesBeforeRecord = Values.Count;
        _lastGroup = -1;
        _isMixed = false;
        _groupsOfRecord.Clear();
        _distributionsOfRecord.Clear();
        _recordGroups.Clear();
        _groupSizes.Clear();
        _groupOfPoint.Clear();
        _pointsOfRecord.Clear();
    }

    private void AddToRecord(ResourceEntry resource, HostEntry host, long timeMicros, FramePoint point)
    {
        // Nearly every point has the time of the one before.
        if (_lastGroup >= 0 && timeMicros == _recordGroups[_lastGroup].TimeMicros && ReferenceEquals(resource, _lastResource) && ReferenceEquals(host, _recordGroups[_lastGroup].Host))
        {
            AddToGroup(_lastGroup, point);
            return;
        }

        ref int group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groupsOfRecord, (resource, host, timeMicros), out bool exists);
        if (!exists)
        {
            group = NewGroup(host, timeMicros);
        }

        _lastGroup = group;
        _lastResource = resource;
        _isMixed |= _recordGroups[group].Shape is not null;
        AddToGroup(group, point);
    }

    /// <summary>
    /// The group of a histogram or its like: one of its own. Which buckets and quantiles there are changes from point to point, and together with other
    /// series each change would make a new layout of all of them.
    /// </summary>
    private int GroupOf(DistributionSeries series, HostEntry host, long timeMicros, out bool isRepeat)
    {
        ref int group = ref CollectionsMarshal.GetValueRefOrAddDefault(_distributionsOfRecord, (series, host, timeMicros), out isRepeat);
        if (!isRepeat)
        {
            group = NewGroup(host, timeMicros);
        }

        return group;
    }

    private int NewGroup(HostEntry host, long timeMicros)
    {
        _recordGroups.Add(new RecordGroup(host, timeMicros));
        _groupSizes.Add(0);
        return _recordGroups.Count - 1;
    }

    private void AddToGroup(int group, in FramePoint point)
    {
        CollectionsMarshal.AsSpan(_groupSizes)[group]++;
        _groupOfPoint.Add(group);
        _pointsOfRecord.Add(point);
    }

    /// <summary>Sorts the record's points by group, each group in the sender's order, and notes what has no number yet.</summary>
    private void EndRecord(int recordIndex)
    {
        _inexact += _inexactOfRecord;
        int start = _points.Count;
        CollectionsMarshal.SetCount(_points, start + _pointsOfRecord.Count);
        Span<int> next = CollectionsMarshal.AsSpan(_groupSizes);
        for (int group = 0; group < next.Length; group++)
        {
            int size = next[group];
            (HostEntry host, long timeMicros, ShapeGroup? shape, int valuesStart) = _recordGroups[group];
            _groups.Add(new FrameGroup(host, timeMicros, shape is null ? start : valuesStart, size, recordIndex, shape));
            Note(host);
            if (host.IsKnown && host.HasNewAttributes)
            {
                _changedHosts.Add(host);
            }

            GroupsByShape += shape is null ? 0 : 1;
            next[group] = start;
            start += size;
        }

        Span<FramePoint> points = CollectionsMarshal.AsSpan(_points);
        ReadOnlySpan<FramePoint> pointsOfRecord = CollectionsMarshal.AsSpan(_pointsOfRecord);
        ReadOnlySpan<int> groupOfPoint = CollectionsMarshal.AsSpan(_groupOfPoint);
        for (int index = 0; index < pointsOfRecord.Length; index++)
        {
            ref readonly FramePoint point = ref pointsOfRecord[index];
            points[next[groupOfPoint[index]]++] = point;
            if (!point.Series.IsKnown)
            {
                Note(point.Series.Metric);
                Note(point.Series);
            }
        }
    }

    private void Note(DictionaryEntry entry)
    {
        if (!entry.IsKnown)
        {
            _unknown.Add(entry);
        }
    }

    private void Arrange(FrameGroup group)
    {
        ReadOnlySpan<FramePoint> points = CollectionsMarshal.AsSpan(_points).Slice(group.Start, group.Count);
        ReadOnlySpan<long> order = Sort(points);
        int first = 0;
        while (first < order.Length)
        {
            first = AddFrame(group, points, order, first);
        }
    }

    /// <summary>The points' places in ascending order of their series; of one series in the order they were given.</summary>
    private ReadOnlySpan<long> Sort(ReadOnlySpan<FramePoint> points)
    {
        if (_order.Length < points.Length)
        {
            _order = new long[int.Max(points.Length, 2 * _order.Length)];
        }

        Span<long> order = _order.AsSpan(0, points.Length);
        bool sorted = true;
        for (int index = 0; index < points.Length; index++)
        {
            order[index] = ((long)points[index].Series.Id << 32) | (uint)index;
            sorted &= index == 0 || order[index - 1] < order[index];
        }

        if (!sorted)
        {
            order.Sort();
        }

        return order;
    }

    /// <summary>Adds one frame of the points from <paramref name="first"/> on; returns the first point that it had no room for.</summary>
    private int AddFrame(FrameGroup group, ReadOnlySpan<FramePoint> points, ReadOnlySpan<long> order, int first)
    {
        int start = Values.Count;
        int count = 0;
        int index = first;
        for (; index < order.Length; index++)
        {
            int id = (int)(order[index] >> 32);
            ref readonly FramePoint point = ref points[(int)(uint)order[index]];
            if (count > 0 && _ids[count - 1] == id)
            {
                CountRepeated(point, Frames.Count);
                continue;
            }

            if (point.IsRepeat)
            {
                // The first has no such number: a bucket more, a minimum.
                AddConflict(Frames.Count, point);
                continue;
            }

            if (count == rules.LayoutMaxSeries)
            {
                break;
            }

            _ids[count++] = id;
            Values.Add(point.Value);
            HasValue.Add(point.HasValue);
        }

        Frames.Add(new Frame(group.Host, Layout(points, order[first..index], _ids.AsSpan(0, count)), group.TimeMicros, start, group.RecordIndex));
        return index;
    }

    private void CountRepeated(in FramePoint point, int frameIndex)
    {
        bool same = point.HasValue == HasValue[^1] && (!point.HasValue || BitConverter.DoubleToInt64Bits(point.Value) == BitConverter.DoubleToInt64Bits(Values[^1]));
        if (same)
        {
            DuplicatePoints++;
        }
        else
        {
            AddConflict(frameIndex, point);
        }
    }

    private void AddConflict(int frameIndex, in FramePoint point)
    {
        ConflictingPoints++;
        if (Conflicts.Count < ConflictsListedMax)
        {
            Conflicts.Add(new PointConflict(frameIndex, point.Value));
        }
    }

    private LayoutEntry Layout(ReadOnlySpan<FramePoint> points, ReadOnlySpan<long> order, ReadOnlySpan<int> ids)
    {
        var lookup = cache.Layouts.GetAlternateLookup<ReadOnlySpan<int>>();
        if (!lookup.TryGetValue(ids, out LayoutEntry? layout))
        {
            var identities = new List<byte[]>(ids.Length);
            foreach (long place in order)
            {
                ref readonly FramePoint point = ref points[(int)(uint)place];
                if (!point.IsRepeat && identities.Count < ids.Length && point.Series.Id == ids[identities.Count])
                {
                    identities.Add(point.Series.Identity);
                }
            }

            layout = new LayoutEntry(Identity.OfLayout(identities), ids.ToArray());
            lookup[ids] = layout;
        }

        Note(layout);
        return layout;
    }

    /// <summary>Times are the sender's: whoever chooses them must not be able to choose their hashes.</summary>
    private sealed class GroupComparer : IEqualityComparer<(object Source, HostEntry Host, long TimeMicros)>
    {
        public static readonly GroupComparer Instance = new();

        private readonly KeyedHash _hash = new();

        public bool Equals((object Source, HostEntry Host, long TimeMicros) left, (object Source, HostEntry Host, long TimeMicros) right) =>
            left.TimeMicros == right.TimeMicros && ReferenceEquals(left.Source, right.Source) && ReferenceEquals(left.Host, right.Host);

        public int GetHashCode((object Source, HostEntry Host, long TimeMicros) key) =>
            _hash.Of(RuntimeHelpers.GetHashCode(key.Source) ^ RuntimeHelpers.GetHashCode(key.Host), key.TimeMicros);
    }

    /// <summary>Points of the record at hand with one resource, host and time, or, where their shape is known, the place of their values among those of the batch.</summary>
    private readonly record struct RecordGroup(HostEntry Host, long TimeMicros, ShapeGroup? Shape = null, int ValuesStart = 0);
}
