using Hostwire.Commands;
using Hostwire.Diagnostics;

namespace Hostwire.Tests.Commands;

public sealed class TimeTextTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("30m", 1800)]
    [InlineData("36h", 129_600)]
    [InlineData("7d", 604_800)]
    [InlineData("forever", -0.001)]
    public void Reads_a_number_with_its_unit(string text, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), TimeText.Parse("--retention", text));

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("d")]
    [InlineData("0d")]
    [InlineData("-1d")]
    [InlineData("1.5h")]
    [InlineData("7 d")]
    [InlineData("2000000000d")]
    public void Refuses_everything_else_and_names_the_option(string text) =>
        Assert.StartsWith("--retention", Assert.Throws<UserException>(() => TimeText.Parse("--retention", text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(604_800_000, "7 d")]
    [InlineData(129_600_000, "36 h")]
    [InlineData(1_800_000, "30 min")]
    [InlineData(90_000, "90 s")]
    [InlineData(1, "1 ms")]
    [InlineData(-1, "for ever")]
    public void Milliseconds_are_written_in_the_largest_unit_that_is_exact(long milliseconds, string text) => Assert.Equal(text, TimeText.OfMilliseconds(milliseconds));
}
