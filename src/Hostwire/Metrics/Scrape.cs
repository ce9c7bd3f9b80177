namespace Hostwire.Metrics;

/// <summary>What one pass over the collectors that were due has yielded: points in groups of one time each. Reused from pass to pass.</summary>
/// <remarks>
/// Becomes one OTLP record, and one frame for each group. All collectors of one interval share a group, so that a host reports the same few
/// sets of series over and over (the sink keeps one layout for each), whatever else is due in the same pass.
/// Not safe for use by several threads at once.
/// </remarks>
public sealed class Scrape
{
    private ScrapePoint[] _points = new ScrapePoint[256];
    private long _timeUnixNano;

    /// <summary>The points so far; a group's points stand together. Valid until the next change of the scrape.</summary>
    public ReadOnlySpan<ScrapePoint> Points => _points.AsSpan(0, Count);

    /// <summary>How many points there are.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets all points.</summary>
    public void Clear()
    {
        // The references must go too, or a series of a device that vanished would stay alive as long as nothing overwrites its place.
        Array.Clear(_points, 0, Count);
        Count = 0;
        _timeUnixNano = 0;
    }

    /// <summary>Starts a group whose values are read at <paramref name="timeUnixNano"/> (nanoseconds since 1970, whole microseconds).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is not later than the last group's: two groups of one time would be one frame.</exception>
    public void BeginGroup(long timeUnixNano)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeUnixNano, _timeUnixNano);
        _timeUnixNano = timeUnixNano;
    }

    /// <summary>Adds a whole number to the current group.</summary>
    public void Add(Series series, long value) => Add(new ScrapePoint(series, _timeUnixNano, value));

    /// <summary>Adds a fraction to the current group.</summary>
    public void Add(Series series, double value) => Add(new ScrapePoint(series, _timeUnixNano, value));

    /// <summary>Takes back every point after the first <paramref name="count"/>: a collector failed half-way and is left out whole.</summary>
    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        Array.Clear(_points, count, Count - count);
        Count = count;
    }

    /// <summary>Adds the points of another scrape to the current group, with this group's time.</summary>
    public void AddAll(Scrape other)
    {
        foreach (ref readonly ScrapePoint point in other.Points)
        {
            Add(point.At(_timeUnixNano));
        }
    }

    private void Add(ScrapePoint point)
    {
        if (Count == _points.Length)
        {
            Array.Resize(ref _points, 2 * Count);
        }

        _points[Count++] = point;
    }
}
