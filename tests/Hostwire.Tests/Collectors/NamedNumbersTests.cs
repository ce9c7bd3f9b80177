using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class NamedNumbersTests
{
    [Fact]
    public void Takes_the_numbers_asked_for_and_turns_kibibytes_into_bytes()
    {
        var numbers = new NamedNumbers("MemTotal", "HugePages_Total", "pgfault", "absent");
        numbers.Parse("MemTotal:       24683668 kB\nMemTotalNot: 1 kB\nHugePages_Total:       3\npgfault 18446744073709551615\nctxt x\n"u8);

        Assert.Equal(24683668L * 1024, numbers[0]);
        Assert.Equal(3, numbers[1]);
        Assert.Equal(-1, numbers[2]);
        Assert.Null(numbers[3]);
    }

    [Fact]
    public void A_line_that_was_cut_off_is_not_taken_and_nothing_stays_from_the_file_before()
    {
        var numbers = new NamedNumbers("pswpin", "pswpout");
        numbers.Parse("pswpin 123\npswpout 456\n"u8);
        numbers.Parse("pswpin 123\npswpout 45"u8);

        Assert.Equal(123, numbers[0]);
        Assert.Null(numbers[1]);
        numbers.Parse(""u8);
        Assert.Null(numbers[0]);
    }
}
