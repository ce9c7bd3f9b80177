using Hostwire.Up;

namespace Hostwire.Tests.Up;

public sealed class UpFiguresTests
{
    private static DateTimeOffset Now { get; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_good_run_is_told_without_a_word_of_trouble() => Assert.Equal(
        "12 scrapes sent, 1,234 values stored for 1 host, lag 0, newest 0.4 s old",
        new UpFigures(12, 12, 1234, 0, 0, 0, Now.AddSeconds(-0.4)).Line(hosts: 1, Now));

    [Fact]
    public void Trouble_is_told() => Assert.Equal(
        "1 scrape sent, 0 values stored for 20 hosts, lag 3,000, nothing stored yet, 1 scrape dropped, 2 dead letters",
        new UpFigures(1, 0, 0, 3000, 1, 2, Newest: null).Line(hosts: 20, Now));

    [Fact]
    public void Unknown_hosts_are_left_out_and_no_age_is_below_zero() => Assert.Equal(
        "0 scrapes sent, 1 value stored, lag 0, newest 0.0 s old",
        new UpFigures(0, 1, 1, 0, 0, 0, Now.AddSeconds(5)).Line(hosts: null, Now));
}
