using Hostwire.Collectors;

namespace Hostwire.Tests;

public sealed class LoadCollectorTests
{
    [Theory]
    [InlineData("0.20 0.18 0.12 1/80 11206\n", 0.20, 0.18, 0.12)]
    [InlineData("128.00 99.50 3.07 130/9999 4194303\n", 128.00, 99.50, 3.07)]
    public void Parses_the_three_averages(string content, double load1, double load5, double load15)
    {
        Assert.True(LoadCollector.TryParse(System.Text.Encoding.UTF8.GetBytes(content), out double one, out double five, out double fifteen));
        Assert.Equal((load1, load5, load15), (one, five, fifteen));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0.20 0.18")]
    [InlineData("zero one two")]
    public void Refuses_what_is_not_three_numbers(string content) =>
        Assert.False(LoadCollector.TryParse(System.Text.Encoding.UTF8.GetBytes(content), out _, out _, out _));
}
