using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class ClockCollectorTests
{
    [Fact]
    public void A_clock_that_is_kept_right_says_how_far_off_it_is()
    {
        var collector = new ClockCollector((out state) =>
        {
            state = Adjtimex.ToState(offset: -1_500_000, maxError: 2_500, estimatedError: 40, status: 0x2001);
            return true;
        });

        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["hostwire.clock.offset"] = -0.0015,
                ["hostwire.clock.error.max"] = 0.0025,
                ["hostwire.clock.error.estimated"] = 0.00004,
                ["hostwire.clock.synchronized"] = 1,
            },
            Reading.Of(collector));
    }

    [Fact]
    public void A_clock_left_to_itself_says_so_and_an_offset_may_be_in_microseconds()
    {
        ClockState state = Adjtimex.ToState(offset: 1_500, maxError: 16_000_000, estimatedError: 16_000_000, status: 0x0040);
        Assert.False(state.IsSynchronized);
        Assert.Equal(0.0015, state.OffsetSeconds);
        Assert.Equal(16, state.MaxErrorSeconds);
    }

    [Fact]
    public void A_container_that_may_not_ask_yields_nothing_and_fails_nothing() =>
        Assert.Empty(Reading.Of(new ClockCollector((out state) =>
        {
            state = default;
            return false;
        })));

    [Fact]
    public void This_machine_answers_with_an_error_that_is_not_negative()
    {
        // A sandbox may forbid the call; where it is allowed, the figures stand where we look for them.
        if (Adjtimex.TryRead(out ClockState state))
        {
            Assert.InRange(state.MaxErrorSeconds, 0, 1e6);
            Assert.InRange(state.EstimatedErrorSeconds, 0, 1e6);
            Assert.InRange(state.OffsetSeconds, -1, 1);
        }
    }
}
