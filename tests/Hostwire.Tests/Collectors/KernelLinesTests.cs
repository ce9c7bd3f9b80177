using System.Text;
using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class KernelLinesTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(13)]
    [InlineData(4096)]
    public void Gives_every_line_wherever_the_buffer_ends(int bufferBytes)
    {
        using var host = new TemporaryHost();
        host.Write("lines", "a\n\nbcdefg\nhi\nbcdefg\n1234567\nlast");
        var file = new KernelLines($"{host.Folder}/lines", bufferBytes);

        Assert.Equal(["a", "", "bcdefg", "hi", "bcdefg", "1234567", "last"], ReadAll(file));
        Assert.Equal(["a", "", "bcdefg", "hi", "bcdefg", "1234567", "last"], ReadAll(file));
    }

    [Fact]
    public void An_empty_file_has_no_lines()
    {
        using var host = new TemporaryHost();
        host.Write("lines", "");
        Assert.Empty(ReadAll(new KernelLines($"{host.Folder}/lines")));
    }

    [Fact]
    public void A_file_that_is_not_there_is_found_once_it_is()
    {
        using var host = new TemporaryHost();
        var file = new KernelLines($"{host.Folder}/lines");

        Assert.False(file.TryStart());
        host.Write("lines", "here\n");
        Assert.Equal(["here"], ReadAll(file));
    }

    [Fact]
    public void A_line_longer_than_the_buffer_is_an_error_that_names_the_file()
    {
        using var host = new TemporaryHost();
        host.Write("lines", "short\nmuch too long\n");
        var file = new KernelLines($"{host.Folder}/lines", bufferBytes: 8);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ReadAll(file));
        Assert.Equal($"{file.Path} has a line of more than 8 bytes.", error.Message);
    }

    [Fact]
    public void What_is_no_file_is_an_error_that_names_it()
    {
        using var host = new TemporaryHost();
        var file = new KernelLines("/proc/self/mem");

        // The kernel has nothing at address 0 of any process.
        IOException error = Assert.Throws<IOException>(() => ReadAll(file));
        Assert.StartsWith("/proc/self/mem cannot be read: ", error.Message, StringComparison.Ordinal);
    }

    private static List<string> ReadAll(KernelLines file)
    {
        Assert.True(file.TryStart());
        var lines = new List<string>();
        while (file.TryReadLine(out ReadOnlySpan<byte> line))
        {
            lines.Add(Encoding.UTF8.GetString(line));
        }

        return lines;
    }
}
