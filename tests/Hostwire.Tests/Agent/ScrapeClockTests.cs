using CsCheck;
using Hostwire.Agent;

namespace Hostwire.Tests.Agent;

public sealed class ScrapeClockTests
{
    private const long Microsecond = 1000;
    private const long Hour = 3_600_000_000_000;

    private readonly FakeClock _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero).AddTicks(1234567));

    private long Noon { get; } = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds() * 1_000_000;

    [Fact]
    public void Time_is_the_clocks_in_whole_microseconds() => Assert.Equal(Noon + 123_456_000, new ScrapeClock(_time).Take(0));

    [Fact]
    public void Groups_of_one_moment_are_a_microsecond_apart()
    {
        var clock = new ScrapeClock(_time);
        long first = clock.Take(0);
        long second = clock.Take(first);
        Assert.Equal(first + Microsecond, second);
        Assert.Equal(second + Microsecond, clock.Take(second));
    }

    [Fact]
    public void Clock_that_slips_back_a_hair_does_not_change_the_order_of_samples()
    {
        var clock = new ScrapeClock(_time);
        long before = clock.Take(0);
        _time.Step(TimeSpan.FromMilliseconds(-300));
        Assert.Equal(before + Microsecond, clock.Take(0));
    }

    [Fact]
    public void Clock_set_back_is_believed()
    {
        var clock = new ScrapeClock(_time);
        long before = clock.Take(0);
        _time.Step(TimeSpan.FromHours(-1));
        Assert.Equal(before - Hour, clock.Take(0));
    }

    [Fact]
    public void Clock_set_back_in_mid_pass_keeps_the_order_of_the_groups_and_is_believed_in_the_next_pass()
    {
        var clock = new ScrapeClock(_time);
        long first = clock.Take(0);
        _time.Step(TimeSpan.FromHours(-1));
        Assert.Equal(first + Microsecond, clock.Take(first));
        Assert.Equal(first - Hour, clock.Take(0));
    }

    [Fact]
    public void Time_given_before_the_clock_was_set_back_is_not_given_again()
    {
        var clock = new ScrapeClock(_time);
        long first = clock.Take(0);
        _time.Step(TimeSpan.FromMinutes(1));
        clock.Take(0);
        _time.Step(TimeSpan.FromMinutes(-1));
        Assert.Equal(first + Microsecond, clock.Take(0));
    }

    [Fact]
    public void No_time_is_given_twice_whatever_the_clock_does() =>
        Gen.Int[-20, 20].Array[1, 300].Sample(steps =>
        {
            var time = new FakeClock();
            var clock = new ScrapeClock(time);
            var given = new HashSet<long>();
            foreach (int step in steps)
            {
                // Steps of half a second: some are hairs, some are real.
                time.Step(TimeSpan.FromSeconds(step * 0.5));
                long group = clock.Take(0);
                Assert.True(given.Add(group));
                Assert.True(given.Add(clock.Take(group)));
            }
        });
}
