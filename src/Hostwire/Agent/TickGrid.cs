namespace Hostwire.Agent;

/// <summary>The ticks of one interval: multiples of it since the Unix epoch, moved by this host's phase. Says once for each tick that it is due.</summary>
/// <remarks>
/// Due times come from the clock's grid and never from the tick before, so nothing drifts. Ticks missed by a suspended machine, a clock that
/// stepped forward or a slow pass are skipped: however many there were, they are one. When the clock steps back, by more than half an
/// interval, the grid starts over from the new time; by less, the tick already taken is not taken twice. No wait lasts longer than one and a
/// half intervals.
/// </remarks>
public sealed class TickGrid
{
    private readonly long _interval;
    private readonly long _phase;
    private long? _last;

    /// <summary>Makes the grid of an interval; the phase may be longer than the interval.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The interval is not positive, or the phase negative.</exception>
    public TickGrid(TimeSpan interval, TimeSpan phase)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(phase, TimeSpan.Zero);
        Interval = interval;
        _interval = interval.Ticks;
        _phase = phase.Ticks % interval.Ticks;
    }

    /// <summary>The time between two ticks.</summary>
    public TimeSpan Interval { get; }

    /// <summary>Whether it is the grid of this interval and phase.</summary>
    public bool Is(TimeSpan interval, TimeSpan phase) => _interval == interval.Ticks && _phase == phase.Ticks % interval.Ticks;

    /// <summary>True once for each tick that has come; at the first call always, so that a host that starts is seen at once.</summary>
    public bool TryTake(DateTimeOffset now)
    {
        long tick = TickAt(now);
        if (_last is { } last && tick <= last)
        {
            if (Start(last + 1) - SinceEpoch(now) > WaitMax)
            {
                _last = tick;
            }

            return false;
        }

        _last = tick;
        return true;
    }

    /// <summary>How long until the next tick after the one taken last; zero when it has come already, and no more than one and a half intervals when the clock was set back since.</summary>
    public TimeSpan UntilNext(DateTimeOffset now)
    {
        long next = (_last ?? TickAt(now)) + 1;
        return TimeSpan.FromTicks(Math.Clamp(Start(next) - SinceEpoch(now), 0, WaitMax));
    }

    private long WaitMax => _interval + (_interval / 2);

    private long TickAt(DateTimeOffset now)
    {
        // Rounded down, so that the grid goes on evenly before 1970, where a machine without a battery may start.
        (long tick, long rest) = Math.DivRem(SinceEpoch(now) - _phase, _interval);
        return rest < 0 ? tick - 1 : tick;
    }

    private long Start(long tick) => (tick * _interval) + _phase;

    private static long SinceEpoch(DateTimeOffset now) => now.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
}
