using System.Globalization;
using System.Text;
using Hostwire.Tests.Configuration;
using Hostwire.Up;

namespace Hostwire.Tests.Up;

public sealed class PostmasterFileTests
{
    [Theory]
    [InlineData("/usr/lib/postgresql/15/bin/postgres\0-D\0/data/postgres\0-c\0port=1\0", true)]
    [InlineData("postmaster\0-D\0/data/postgres\0", true)]
    [InlineData("/usr/lib/postgresql/15/bin/postgres\0-D\0/data/postgres2\0", false)]
    [InlineData("/usr/lib/postgresql/15/bin/postgres\0-D\0", false)]
    [InlineData("postgres: hostwire: checkpointer \0", false)]
    [InlineData("tail\0-D\0/data/postgres\0", false)]
    [InlineData("", false)]
    public void Only_a_server_of_that_very_directory_is_ours(string commandLine, bool ours) =>
        Assert.Equal(ours, PostmasterFile.IsServerOf(Encoding.UTF8.GetBytes(commandLine), "/data/postgres"));

    [Fact]
    public void A_file_that_names_another_living_process_names_no_server()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "postmaster.pid"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n/data\n");
        Assert.Null(PostmasterFile.RunningServer(folder.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("4194305\n")]
    [InlineData("nonsense\n")]
    public void A_file_that_names_nobody_names_no_server(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "postmaster.pid"), content);
        Assert.Null(PostmasterFile.RunningServer(folder.Path));
    }
}
