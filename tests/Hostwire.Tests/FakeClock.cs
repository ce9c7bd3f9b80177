using System.Threading.Channels;

namespace Hostwire.Tests;

/// <summary>A clock that moves only when a test moves it. Wall clock and timers can be moved apart, as a suspended machine or a clock that is set does.</summary>
internal sealed class FakeClock(DateTimeOffset now) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<FakeTimer> _timers = [];
    private readonly Channel<TimeSpan> _armed = Channel.CreateUnbounded<TimeSpan>();
    private DateTimeOffset _now = now;
    private long _elapsed;

    public FakeClock()
        : this(new DateTimeOffset(2026, 11, 23, 12, 0, 3, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _elapsed;
        }
    }

    /// <summary>Moves the wall clock alone: it was set, or the machine was suspended.</summary>
    public void Step(TimeSpan by)
    {
        lock (_gate)
        {
            _now += by;
        }
    }

    /// <summary>Time passes: wall clock, timestamps and timers.</summary>
    public void Advance(TimeSpan by)
    {
        List<FakeTimer> due;
        lock (_gate)
        {
            _now += by;
            _elapsed += by.Ticks;
            due = [.. _timers.Where(timer => timer.Due <= _elapsed).OrderBy(timer => timer.Due)];
            due.ForEach(timer => timer.Due = long.MaxValue);
        }

        due.ForEach(timer => timer.Fire());
    }

    /// <summary>Fires every armed timer although no time has passed, as a timer may that is a little early.</summary>
    public void FireTimers()
    {
        List<FakeTimer> armed;
        lock (_gate)
        {
            armed = [.. _timers.Where(timer => timer.Due != long.MaxValue)];
            armed.ForEach(timer => timer.Due = long.MaxValue);
        }

        armed.ForEach(timer => timer.Fire());
    }

    /// <summary>Waits until somebody arms a timer, and says for how long.</summary>
    public ValueTask<TimeSpan> NextTimerAsync() => NextTimerUntilAsync(TestContext.Current.CancellationToken);

    /// <summary>As <see cref="NextTimerAsync"/>, but gives up when told so.</summary>
    public ValueTask<TimeSpan> NextTimerUntilAsync(CancellationToken cancellation) => _armed.Reader.ReadAsync(cancellation);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, () => callback(state));
        lock (_gate)
        {
            _timers.Add(timer);
        }

        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class FakeTimer(FakeClock clock, Action fire) : ITimer
    {
        public long Due { get; set; } = long.MaxValue;

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : clock._elapsed + dueTime.Ticks;
            }

            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                clock._armed.Writer.TryWrite(dueTime);
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
