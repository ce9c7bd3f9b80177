using Hostwire.Up;

namespace Hostwire.Tests.Up;

public sealed class ShellWordTests
{
    [Theory]
    [InlineData("/var/lib/hostwire/pgpass", "/var/lib/hostwire/pgpass")]
    [InlineData("/home/ada/my data", "'/home/ada/my data'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("$HOME", "'$HOME'")]
    [InlineData("", "''")]
    public void A_word_is_quoted_where_the_shell_would_change_it(string word, string quoted) => Assert.Equal(quoted, ShellWord.Quote(word));
}
