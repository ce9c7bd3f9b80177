namespace Hostwire.Agent;

/// <summary>Gives each group of a scrape its time: the clock's, in whole microseconds, and never the same one twice.</summary>
/// <remarks>
/// Host, layout and time identify a sample, so a time given twice would be a duplicate or a conflict. Three cases bend the clock's reading:
/// <list type="bullet">
/// <item>Within a pass times rise: a group is at least a microsecond later than the one before it.</item>
/// <item>A clock that went back by less than a second since the last group was slewed or corrected a hair: the group is put a microsecond
/// after the last, because samples that change their order would look like counters that were reset.</item>
/// <item>A clock that went back further was set: its time is the honest one and is kept. As it runs through times that were given before, a
/// time that collides to the microsecond is moved on by one.</item>
/// </list>
/// The times given last are remembered (about a day of them at the default intervals); a collision across a restart of the agent goes
/// to the sink's <c>conflict</c> table, where it is seen.
/// </remarks>
public sealed class ScrapeClock(TimeProvider time)
{
    private const long NanosecondsPerMicrosecond = 1000;
    private const long HairMicroseconds = 1_000_000;

    private readonly long[] _given = new long[16 * 1024];
    private int _next;
    private long _last = long.MinValue;
    private long _latest = long.MinValue;

    /// <summary>The time of a group, in nanoseconds since 1970; later than <paramref name="afterUnixNano"/>, the time of the group before it in its scrape (0: there is none).</summary>
    public long Take(long afterUnixNano)
    {
        long now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        long floor = afterUnixNano / NanosecondsPerMicrosecond;
        if (now <= _last && _last - now < HairMicroseconds)
        {
            floor = Math.Max(floor, _last);
        }

        now = Math.Max(now, floor + 1);

        // Only below the latest time ever given can a time have been given before, so a clock that never went back is not searched.
        while (now <= _latest && Array.IndexOf(_given, now) >= 0)
        {
            now++;
        }

        _latest = Math.Max(_latest, now);
        _last = now;
        _given[_next] = now;
        _next = (_next + 1) % _given.Length;
        return now * NanosecondsPerMicrosecond;
    }
}
