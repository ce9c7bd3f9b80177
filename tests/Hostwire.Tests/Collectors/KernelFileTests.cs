using Hostwire.Collectors;
using Hostwire.Tests.Configuration;

namespace Hostwire.Tests.Collectors;

public sealed class KernelFileTests
{
    [Fact]
    public void Reads_what_the_file_holds_at_each_reading_however_long_it_has_become()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("stat", "short\n");
        var file = new KernelFile(path, bufferBytes: 8);

        Assert.Equal("short\n"u8, file.Read());
        File.WriteAllText(path, new string('x', 100));
        Assert.Equal(100, file.Read().Length);
        File.WriteAllText(path, "y");
        Assert.Equal("y"u8, file.Read());
    }

    [Fact]
    public void A_file_that_may_be_missing_is_read_once_it_is_there()
    {
        using var folder = new TemporaryFolder();
        var file = new KernelFile(Path.Combine(folder.Path, "swaps"));

        Assert.False(file.TryRead(out _));
        folder.Write("swaps", "here\n");
        Assert.True(file.TryRead(out ReadOnlySpan<byte> content));
        Assert.Equal("here\n"u8, content);
    }

    [Fact]
    public void A_file_that_must_be_there_is_an_error_that_names_it()
    {
        using var folder = new TemporaryFolder();
        var file = new KernelFile(Path.Combine(folder.Path, "stat"));

        IOException error = Assert.Throws<IOException>(() => file.Read().Length);
        Assert.StartsWith($"{file.Path} cannot be read: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_the_kernel_takes_away_while_it_is_open_counts_as_missing()
    {
        // What a CPU's files do when it goes offline, with a process that ends: it is gone, and reading the open file fails.
        using var child = System.Diagnostics.Process.Start("sleep", "60");
        var file = new KernelFile($"/proc/{child.Id}/stat");
        Assert.True(file.TryRead(out ReadOnlySpan<byte> content));
        Assert.NotEqual(0, content.Length);

        child.Kill();
        child.WaitForExit();
        Assert.False(file.TryRead(out _));
    }
}
