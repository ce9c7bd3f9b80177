using System.Runtime.InteropServices;
using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>Shapes of metrics, shared by all hosts that send the same. Bounded in bytes.</summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
internal sealed class ShapeCache
{
    // About 20 kB for a hundred points; a fleet has some tens of shapes, and one in which every device has a name of its own a few for each host.
    private const long BytesMax = 32 << 20;

    // So many have to be refused for want of room before those that are there have to go: making them anew costs as much.
    private const int RefusedMax = 100_000;

    private readonly Dictionary<StoredBytesKey, MetricsShape> _shapes = new(BytesKeyComparer.Instance);
    // The one learned last for each length, for hosts that send it for the first time.
    private readonly Dictionary<(SeriesResource Resource, int Length), MetricsShape> _last = [];
    private readonly List<PointPlace> _places = [];
    // Which bytes a shape has to have, and these; most that is looked at is known, so arrays are made only for what is new.
    private byte[] _mask = [];
    private byte[] _bytes = [];
    private int _refused;

    /// <summary>How many there are.</summary>
    public int Count => _shapes.Count;

    /// <summary>Memory that they take, in bytes, roughly.</summary>
    public long Bytes { get; private set; }

    /// <summary>Forgets them all.</summary>
    public void Clear()
    {
        foreach (MetricsShape shape in _shapes.Values)
        {
            // Resources still remember them.
            shape.Forget();
        }

        _shapes.Clear();
        _last.Clear();
        Bytes = 0;
        _refused = 0;
    }

    /// <summary>The shape that a part of a record has, if it is the one that was learned last for its length, from whichever host; else null.</summary>
    public MetricsShape? Find(SeriesResource resource, ReadOnlySpan<byte> rest) =>
        _last.TryGetValue((resource, rest.Length), out MetricsShape? shape) && shape.Matches(resource, rest) ? shape : null;

    /// <summary>
    /// The shape of a part of a record that was decoded point by point, new or as another host has sent it; null where it has none: numbers are
    /// missing, series are given twice, or nothing of the kind is worth the trouble.
    /// </summary>
    /// <param name="resource">What the part's resource gives to its series.</param>
    /// <param name="rest">The part, without its resource.</param>
    /// <param name="points">All its points, in the decoder's order; their series and layouts are known.</param>
    /// <param name="groupOfPoint">For each of them its group; points of one group have one time and resource.</param>
    /// <param name="layoutMaxSeries">The most series of a layout.</param>
    /// <param name="layouts">The layouts that are known.</param>
    /// <param name="isEarly">Whether numbers are missing that will be there once the record is stored: another time it may be learned.</param>
    public MetricsShape? Learn(
        SeriesResource resource,
        ReadOnlySpan<byte> rest,
        ReadOnlySpan<FramePoint> points,
        ReadOnlySpan<int> groupOfPoint,
        int layoutMaxSeries,
        Dictionary<int[], LayoutEntry> layouts,
        out bool isEarly)
    {
        isEarly = AnyIsUnknown(points);
        if (isEarly)
        {
            return null;
        }

        _places.Clear();
        if (points.IsEmpty || !PointPlaces.TryFind(rest, _places) || _places.Count != points.Length)
        {
            return null;
        }

        if (_bytes.Length < rest.Length)
        {
            _mask = new byte[int.Max(rest.Length, 2 * _mask.Length)];
            _bytes = new byte[_mask.Length];
        }

        Span<byte> mask = _mask.AsSpan(0, rest.Length);
        Span<byte> bytes = _bytes.AsSpan(0, rest.Length);
        mask.Fill(byte.MaxValue);
        rest.CopyTo(bytes);
        foreach (PointPlace place in _places)
        {
            Mask(mask, bytes, place.StartTime);
            Mask(mask, bytes, place.Time);
            Mask(mask, bytes, place.Value);
        }

        var lookup = _shapes.GetAlternateLookup<BytesKey>();
        var key = new BytesKey(resource.CacheId, bytes);
        if (lookup.TryGetValue(key, out MetricsShape? shape))
        {
            return _last[(resource, rest.Length)] = shape;
        }

        if (Bytes > BytesMax)
        {
            if (++_refused < RefusedMax)
            {
                return null;
            }

            Clear();
        }

        if (Groups(rest, points, groupOfPoint, layoutMaxSeries, layouts, ref isEarly) is not { } groups)
        {
            return null;
        }

        // The key's bytes are the shape's.
        byte[] bytesOfShape = bytes.ToArray();
        shape = new MetricsShape(resource, mask.ToArray(), bytesOfShape, groups);
        _shapes.Add(new StoredBytesKey(resource.CacheId, bytesOfShape), shape);
        Bytes += shape.Size;
        return _last[(resource, rest.Length)] = shape;
    }

    private static bool AnyIsUnknown(ReadOnlySpan<FramePoint> points)
    {
        foreach (ref readonly FramePoint point in points)
        {
            if (!point.Series.IsKnown)
            {
                return true;
            }
        }

        return false;
    }

    private static void Mask(Span<byte> mask, Span<byte> bytes, int place)
    {
        if (place >= 0)
        {
            mask.Slice(place, sizeof(ulong)).Clear();
            bytes.Slice(place, sizeof(ulong)).Clear();
        }
    }

    private ShapeGroup[]? Groups(
        ReadOnlySpan<byte> rest, ReadOnlySpan<FramePoint> points, ReadOnlySpan<int> groupOfPoint, int layoutMaxSeries, Dictionary<int[], LayoutEntry> layouts, ref bool isEarly)
    {
        var members = new Dictionary<int, List<(int Series, PointPlace Place)>>();
        for (int index = 0; index < points.Length; index++)
        {
            // The decoder's own value besides: a place that is not the point's would put values under the names of others.
            if (!points[index].HasValue || points[index].IsRepeat || !_places[index].Holds(rest, points[index].Value))
            {
                return null;
            }

            ref List<(int Series, PointPlace Place)>? group = ref CollectionsMarshal.GetValueRefOrAddDefault(members, groupOfPoint[index], out _);
            (group ??= []).Add((points[index].Series.Id, _places[index]));
        }

        var groups = new List<ShapeGroup>();
        foreach (List<(int Series, PointPlace Place)> group in members.Values)
        {
            group.Sort((left, right) => left.Series.CompareTo(right.Series));
            var made = new ShapeGroup([.. group.Select(point => point.Place.Time).Order()], new ShapeFrame[(group.Count + layoutMaxSeries - 1) / layoutMaxSeries]);
            if (MetricsShape.TimeOf(made, rest) == 0)
            {
                // Nanoseconds within one microsecond: one frame, but not one time.
                return null;
            }

            for (int frame = 0; frame < made.Frames.Length; frame++)
            {
                (int Series, PointPlace Place)[] cut = [.. group.Skip(frame * layoutMaxSeries).Take(layoutMaxSeries)];
                int[] ids = [.. cut.Select(point => point.Series)];
                if (!layouts.TryGetValue(ids, out LayoutEntry? layout) || !layout.IsKnown)
                {
                    isEarly = true;
                    return null;
                }

                made.Frames[frame] = new ShapeFrame(layout, [.. cut.Select(point => (point.Place.Value << 1) | (point.Place.IsInteger ? 1 : 0))]);
            }

            // A series given twice in one group.
            for (int index = 1; index < group.Count; index++)
            {
                if (group[index - 1].Series == group[index].Series)
                {
                    return null;
                }
            }

            groups.Add(made);
        }

        return [.. groups];
    }
}
