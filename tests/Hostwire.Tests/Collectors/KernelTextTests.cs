using System.Text;
using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class KernelTextTests
{
    [Theory]
    [InlineData("/plain", "/plain")]
    [InlineData("/with\\040space", "/with space")]
    [InlineData("\\011\\012\\043\\134", "\t\n#\\")]
    [InlineData("\\134040", "\\040")]
    [InlineData("/end\\04", "/end\\04")]
    [InlineData("/not\\048octal\\999", "/not\\048octal\\999")]
    [InlineData("", "")]
    public void Undoes_escapes_once(string escaped, string path) =>
        Assert.Equal(path, Encoding.UTF8.GetString(KernelText.Unescape(Encoding.UTF8.GetBytes(escaped))));

    [Fact]
    public void Escapes_of_bytes_above_127_become_the_bytes() =>
        Assert.Equal("ö"u8, KernelText.Unescape("\\303\\266"u8));

    [Fact]
    public void Names_that_are_not_UTF8_keep_what_tells_them_apart()
    {
        Assert.Equal("Größe", KernelText.ToText("Größe"u8));
        Assert.Equal("a\\xffb\\xc3", KernelText.ToText([(byte)'a', 0xFF, (byte)'b', 0xC3]));
    }

    [Fact]
    public void Takes_numbers_that_are_nothing_else()
    {
        ReadOnlySpan<byte> line = "  12\t18446744073709551615 x1 1x -1 18446744073709551616 "u8;
        Assert.True(KernelText.TryTakeNumber(ref line, out ulong number));
        Assert.Equal(12UL, number);
        Assert.True(KernelText.TryTakeNumber(ref line, out number));
        Assert.Equal(ulong.MaxValue, number);
        for (int i = 0; i < 5; i++)
        {
            Assert.False(KernelText.TryTakeNumber(ref line, out _));
        }
    }
}
