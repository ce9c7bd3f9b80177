using Hostwire.Tests.Configuration;
using Hostwire.Up;

namespace Hostwire.Tests.Up;

public sealed class PasswordFileTests
{
    [Fact]
    public void What_was_written_is_read_back()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "pgpass");
        var file = new PasswordFile(40123, "0a1b");
        file.Write(path);
        Assert.Equal("127.0.0.1:40123:*:*:0a1b\n", File.ReadAllText(path));
        Assert.Equal(file, PasswordFile.Read(path));
        Assert.Equal("postgres://hostwire:0a1b@127.0.0.1:40123/hostwire?sslmode=disable", file.Uri("hostwire"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1:40123:*:*:")]
    [InlineData("127.0.0.1:99999:*:*:0a1b")]
    [InlineData("localhost:40123:*:*:0a1b")]
    [InlineData("127.0.0.1:40123:*:*:0a1b\n127.0.0.1:40124:*:*:0a1b")]
    public void What_is_not_our_one_line_is_not_read(string content) => Assert.Null(PasswordFile.Parse(content));

    [Fact]
    public void A_missing_file_is_none()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(PasswordFile.Read(Path.Combine(folder.Path, "pgpass")));
    }
}
