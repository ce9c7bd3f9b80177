using CsCheck;
using Hostwire.Agent;

namespace Hostwire.Tests.Agent;

public sealed class TickGridTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Is_due_at_once_at_first_and_then_on_the_grid_of_the_clock()
    {
        TickGrid grid = Grid(10);
        Assert.True(grid.TryTake(Noon.AddSeconds(3)));
        Assert.Equal(TimeSpan.FromSeconds(7), grid.UntilNext(Noon.AddSeconds(3)));
        Assert.False(grid.TryTake(Noon.AddSeconds(9.999)));
        Assert.True(grid.TryTake(Noon.AddSeconds(10)));
        Assert.False(grid.TryTake(Noon.AddSeconds(10.001)));
        Assert.Equal(TimeSpan.FromSeconds(9.5), grid.UntilNext(Noon.AddSeconds(10.5)));
    }

    [Fact]
    public void Phase_moves_the_grid_and_is_taken_modulo_the_interval()
    {
        TickGrid grid = Grid(10, phaseSeconds: 63.5);
        Assert.True(grid.TryTake(Noon));
        Assert.Equal(TimeSpan.FromSeconds(3.5), grid.UntilNext(Noon));
        Assert.False(grid.TryTake(Noon.AddSeconds(3.4)));
        Assert.True(grid.TryTake(Noon.AddSeconds(3.5)));
    }

    [Fact]
    public void Late_wakes_do_not_move_the_ticks_that_follow()
    {
        TickGrid grid = Grid(10);
        grid.TryTake(Noon);
        for (int i = 1; i <= 1000; i++)
        {
            DateTimeOffset late = Noon.AddMilliseconds((10_000 * i) + 700);
            Assert.True(grid.TryTake(late));
            Assert.Equal(TimeSpan.FromSeconds(9.3), grid.UntilNext(late));
        }
    }

    [Fact]
    public void Ticks_missed_while_suspended_are_one_not_a_burst()
    {
        TickGrid grid = Grid(10);
        grid.TryTake(Noon);
        DateTimeOffset resumed = Noon.AddHours(8).AddSeconds(4);
        Assert.True(grid.TryTake(resumed));
        Assert.False(grid.TryTake(resumed));
        Assert.Equal(TimeSpan.FromSeconds(6), grid.UntilNext(resumed));
    }

    [Fact]
    public void Clock_set_back_an_hour_goes_on_at_the_next_tick_of_the_new_time()
    {
        TickGrid grid = Grid(10);
        grid.TryTake(Noon);
        DateTimeOffset back = Noon.AddHours(-1).AddSeconds(2);
        Assert.False(grid.TryTake(back));
        Assert.Equal(TimeSpan.FromSeconds(8), grid.UntilNext(back));
        Assert.True(grid.TryTake(back.AddSeconds(8)));
    }

    [Fact]
    public void Clock_set_back_by_years_between_a_tick_and_the_wait_for_the_next_lets_nobody_wait_for_years()
    {
        TickGrid grid = Grid(10);
        Assert.True(grid.TryTake(Noon));
        DateTimeOffset back = Noon.AddYears(-10);
        TimeSpan wait = grid.UntilNext(back);
        Assert.Equal(TimeSpan.FromSeconds(15), wait);
        grid.TryTake(back + wait);
        Assert.True(grid.TryTake(back + wait + grid.UntilNext(back + wait)));
    }

    [Fact]
    public void Clock_that_slips_back_over_a_tick_does_not_take_it_twice()
    {
        TickGrid grid = Grid(10);
        Assert.True(grid.TryTake(Noon));
        Assert.False(grid.TryTake(Noon.AddMilliseconds(-3)));
        Assert.Equal(TimeSpan.FromSeconds(10.003), grid.UntilNext(Noon.AddMilliseconds(-3)));
        Assert.False(grid.TryTake(Noon));
        Assert.True(grid.TryTake(Noon.AddSeconds(10)));
    }

    [Fact]
    public void Ticks_before_1970_are_as_even_as_those_after()
    {
        TickGrid grid = Grid(10);
        grid.TryTake(DateTimeOffset.UnixEpoch.AddSeconds(-12));
        Assert.Equal(TimeSpan.FromSeconds(2), grid.UntilNext(DateTimeOffset.UnixEpoch.AddSeconds(-12)));
        Assert.True(grid.TryTake(DateTimeOffset.UnixEpoch.AddSeconds(-10)));
        Assert.False(grid.TryTake(DateTimeOffset.UnixEpoch.AddSeconds(-1)));
        Assert.True(grid.TryTake(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void Slow_ticks_fall_on_fast_ones_whatever_the_phase() =>
        Gen.Long[0, TimeSpan.TicksPerDay].Sample(phase =>
        {
            var fast = new TickGrid(TimeSpan.FromSeconds(10), TimeSpan.FromTicks(phase));
            var slow = new TickGrid(TimeSpan.FromSeconds(60), TimeSpan.FromTicks(phase));
            fast.TryTake(Noon);
            slow.TryTake(Noon);
            Assert.Equal(0, (slow.UntilNext(Noon) - fast.UntilNext(Noon)).Ticks % TimeSpan.FromSeconds(10).Ticks);
        });

    [Fact]
    public void Whatever_the_clock_does_no_tick_is_more_than_one_and_a_half_intervals_away() =>
        Gen.Double[-5000, 5000].Array[1, 50].Sample(steps =>
        {
            TickGrid grid = Grid(10, phaseSeconds: 4);
            DateTimeOffset now = Noon;
            foreach (double step in steps)
            {
                now = now.AddSeconds(step);
                grid.TryTake(now);
                Assert.InRange(grid.UntilNext(now), TimeSpan.FromTicks(1), TimeSpan.FromSeconds(15));
            }
        });

    private static TickGrid Grid(double intervalSeconds, double phaseSeconds = 0) =>
        new(TimeSpan.FromSeconds(intervalSeconds), TimeSpan.FromSeconds(phaseSeconds));
}
