using Hostwire.Diagnostics;
using Hostwire.Store.Roles;

namespace Hostwire.Tests.Store.Roles;

public sealed class PasswordFolderTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hostwire-passwords");

    private string Folder => Path.Combine(_directory.FullName, "passwords");

    [Fact]
    public void A_missing_password_is_made_for_the_owner_alone_and_read_again_later()
    {
        var folder = new PasswordFolder(Folder);
        IReadOnlyDictionary<string, string> made = folder.ReadOrMake(["a_sink", "a_reader"]);
        Assert.False(string.Equals(made["a_sink"], made["a_reader"], StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.FileOf("a_sink")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(made, folder.ReadOrMake(["a_sink", "a_reader"]));
    }

    [Fact]
    public void A_password_that_is_there_is_taken_without_the_end_of_its_line()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "a_sink"), "correct horse\r\n");
        Assert.Equal("correct horse", new PasswordFolder(Folder).ReadOrMake(["a_sink"])["a_sink"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines\n")]
    [InlineData("sécret\n")]
    public void What_cannot_be_hashed_here_is_refused_without_being_repeated(string content)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "a_sink"), content);
        var refused = Assert.Throws<UserException>(() => new PasswordFolder(Folder).ReadOrMake(["a_sink"]));
        Assert.Contains("\"\\password a_sink\"", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("cret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        File.WriteAllText(Folder, "");
        var refused = Assert.Throws<UserException>(() => new PasswordFolder(Folder).ReadOrMake(["a_sink"]));
        Assert.Contains($"The passwords cannot be kept in {Folder}", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
