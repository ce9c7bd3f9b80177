using Hostwire.Tests.Configuration;
using Hostwire.Up;

namespace Hostwire.Tests.Up;

public sealed class DataFolderTests
{
    [Theory]
    [InlineData(false, null, null, "/home/ada", "/home/ada/.local/share/hostwire")]
    [InlineData(false, null, "/data/ada", "/home/ada", "/data/ada/hostwire")]
    [InlineData(false, null, "relative", "/home/ada", "/home/ada/.local/share/hostwire")]
    [InlineData(false, "/srv/try", "/data/ada", "/home/ada", "/srv/try")]
    [InlineData(true, null, "/data/ada", "/root", "/var/lib/hostwire")]
    [InlineData(true, "/srv/try", null, "/root", "/srv/try")]
    public void The_default_follows_the_variables_but_for_root(bool isRoot, string? named, string? dataHome, string home, string expected) =>
        Assert.Equal(expected, DataFolder.Default(name => name switch
        {
            "HOSTWIRE_DATA" => named,
            "XDG_DATA_HOME" => dataHome,
            "HOME" => home,
            _ => null,
        }, isRoot).FullPath);

    [Theory]
    [InlineData(false, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)]
    [InlineData(true, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)]
    public void A_new_folder_can_be_read_by_its_owner_alone_and_passed_by_others_only_where_root_made_it(bool isRoot, UnixFileMode mode)
    {
        using var folder = new TemporaryFolder();
        var data = new DataFolder(Path.Combine(folder.Path, "a/b"));
        data.Create(isRoot);
        data.Create(isRoot);
        Assert.Equal(mode, File.GetUnixFileMode(data.FullPath));
    }

    [Fact]
    public void A_secret_can_be_read_by_its_owner_alone_also_where_the_file_was_open_to_all()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "secret");
        File.WriteAllText(path, "old");
        File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110);
        DataFolder.WriteSecret(path, "new");
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }
}
