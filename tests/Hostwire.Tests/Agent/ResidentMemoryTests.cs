using System.Globalization;
using System.Runtime.InteropServices;
using Hostwire.Agent;
using Microsoft.Win32.SafeHandles;

namespace Hostwire.Tests.Agent;

public sealed partial class ResidentMemoryTests : IDisposable
{
    private const int Read = 1;
    private const int Private = 2;
    private const int MappedBytes = 16 * 1024 * 1024;

    private readonly string _file = Path.GetTempFileName();
    private readonly SafeFileHandle _handle;
    private readonly nint _mapping;

    // A file that is mapped like a program's constants.
    public ResidentMemoryTests()
    {
        File.WriteAllBytes(_file, new byte[MappedBytes]);
        _handle = File.OpenHandle(_file);
        _mapping = Map(0, MappedBytes, Read, Private, (int)_handle.DangerousGetHandle(), 0);
        Assert.NotEqual(-1, _mapping);
    }

    [Fact]
    public void Pages_of_files_that_came_on_top_are_given_back_and_can_be_read_again()
    {
        var memory = new ResidentMemory();
        for (int look = 1; look <= 5; look++)
        {
            memory.Look();
        }

        Touch();
        Assert.True(ResidentKilobytes() > MappedBytes / 2 / 1024);

        // Neither the first, second, fourth nor eighth look.
        memory.Look();
        Assert.Equal(0, ResidentKilobytes());
        Assert.Equal(0, Marshal.ReadByte(_mapping, MappedBytes - 1));
    }

    public void Dispose()
    {
        _ = Unmap(_mapping, MappedBytes);
        _handle.Dispose();
        File.Delete(_file);
    }

    private void Touch()
    {
        for (int offset = 0; offset < MappedBytes; offset += Environment.SystemPageSize)
        {
            Assert.Equal(0, Marshal.ReadByte(_mapping, offset));
        }
    }

    // As the kernel shows it: "7f00-7f10 r--p ... /tmp/x", then "Rss:  16384 kB" among other lines.
    private int ResidentKilobytes()
    {
        string line = File.ReadLines("/proc/self/smaps").SkipWhile(line => !line.EndsWith(_file, StringComparison.Ordinal)).First(line => line.StartsWith("Rss:", StringComparison.Ordinal));
        return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nint length);
}
