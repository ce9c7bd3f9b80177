using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class RatioTests
{
    [Theory]
    [InlineData(875802624, 25274793984, 0.03465122701)]
    [InlineData(19874304000, 25274793984, 0.78632902063)]
    [InlineData(1, 3, 0.3)]
    [InlineData(0, 1024, 0)]
    [InlineData(1024, 1024, 1)]
    [InlineData(999, 1000, 0.999)]
    public void Has_as_many_decimals_as_the_larger_number_has_digits(long part, long whole, double ratio) =>
        Assert.Equal(ratio, Ratio.Of(part, whole));
}
