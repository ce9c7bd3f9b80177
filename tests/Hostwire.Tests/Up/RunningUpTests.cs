using Hostwire.Tests.Configuration;
using Hostwire.Up;

namespace Hostwire.Tests.Up;

public sealed class RunningUpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private DataFolder Data => new(_folder.Path);

    [Fact]
    public void The_file_is_found_while_up_runs()
    {
        DataFolder.WriteSecret(Data.AddressFile, "");
        using (FolderLock.Take(Data))
        {
            Assert.Equal(Data.AddressFile, Found());
        }

        Assert.Null(Found());
    }

    [Fact]
    public void A_file_that_others_may_read_or_write_is_not_trusted()
    {
        DataFolder.WriteSecret(Data.AddressFile, "");
        File.SetUnixFileMode(Data.AddressFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        using FolderLock taken = FolderLock.Take(Data);
        Assert.Null(Found());
    }

    [Fact]
    public void Where_nothing_was_ever_started_nothing_is_found() => Assert.Null(Found());

    public void Dispose() => _folder.Dispose();

    private string? Found() => RunningUp.SettingsFile(name => name is "HOSTWIRE_DATA" ? _folder.Path : null, isRoot: false);
}
