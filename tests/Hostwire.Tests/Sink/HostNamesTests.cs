using System.Text;
using Hostwire.Sink;

namespace Hostwire.Tests.Sink;

public sealed class HostNamesTests
{
    [Theory]
    [InlineData("web-1", "web-1")]
    [InlineData("wéb", "wéb")]
    [InlineData("", null)]
    [InlineData("a\nb", null)]
    [InlineData("a\0", null)]
    [InlineData("a\u0085", null)]
    public void A_key_names_a_host_if_a_person_can_read_it(string key, string? expected) => Assert.Equal(expected, HostNames.FromKey(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void A_key_that_is_no_text_or_too_long_names_nobody()
    {
        Assert.Null(HostNames.FromKey(default));
        Assert.Null(HostNames.FromKey([0xC3]));
        Assert.Null(HostNames.FromKey(new byte[16]));
        Assert.Equal(255, HostNames.FromKey([.. Enumerable.Repeat((byte)'x', 255)])?.Length);
        Assert.Null(HostNames.FromKey([.. Enumerable.Repeat((byte)'x', 256)]));
    }
}
