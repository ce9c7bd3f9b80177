using Hostwire.Sink;

namespace Hostwire.Tests.Sink;

public sealed class LagClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly LagClock _clock = new();

    [Fact]
    public void Sink_that_begins_on_a_days_backlog_is_a_day_behind_once_it_has_stored_something()
    {
        Assert.Null(_clock.Seconds(100, storedTimeMillis: null, Start));
        Assert.Equal(86_400, _clock.Seconds(90, Millis(Start.AddDays(-1)), Start));
    }

    [Fact]
    public void One_record_on_a_topic_that_was_quiet_is_as_late_as_it_waits()
    {
        Assert.Equal(0, _clock.Seconds(0, Millis(Start.AddDays(-1)), Start));
        Assert.Equal(5, _clock.Seconds(1, Millis(Start.AddDays(-1)), Start.AddSeconds(5)));
        Assert.Equal(65, _clock.Seconds(7, Millis(Start.AddDays(-1)), Start.AddSeconds(65)));
    }

    [Fact]
    public void Records_that_were_stored_since_make_it_less()
    {
        _clock.Seconds(0, null, Start);
        Assert.Equal(20, _clock.Seconds(7, Millis(Start.AddSeconds(80)), Start.AddSeconds(100)));
        Assert.Equal(0, _clock.Seconds(0, Millis(Start.AddSeconds(100)), Start.AddSeconds(101)));
    }

    [Fact]
    public void Records_from_the_future_make_no_negative_lag() => Assert.Equal(0, _clock.Seconds(1, Millis(Start.AddHours(1)), Start));

    private static long Millis(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
