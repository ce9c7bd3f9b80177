using System.Globalization;
using Hostwire.Diagnostics;
using Hostwire.Tests.Configuration;
using Hostwire.Up;

namespace Hostwire.Tests.Up;

public sealed class FolderLockTests
{
    [Fact]
    public void A_second_one_is_refused_with_the_first_ones_process_and_the_way_out()
    {
        using var temporary = new TemporaryFolder();
        var folder = new DataFolder(temporary.Path);
        using (FolderLock.Take(folder))
        {
            UserException refused = Assert.Throws<UserException>(() => FolderLock.Take(folder));
            Assert.Contains($"(process {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)})", refused.Message, StringComparison.Ordinal);
            Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
            Assert.True(FolderLock.IsHeld(folder));
        }

        Assert.False(FolderLock.IsHeld(folder));
        FolderLock.Take(folder).Dispose();
    }

    [Fact]
    public void Nobody_holds_a_folder_that_was_never_used()
    {
        using var temporary = new TemporaryFolder();
        Assert.False(FolderLock.IsHeld(new DataFolder(temporary.Path)));
        Assert.False(FolderLock.IsHeld(new DataFolder(Path.Combine(temporary.Path, "missing"))));
    }
}
