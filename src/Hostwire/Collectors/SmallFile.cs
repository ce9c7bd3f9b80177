using System.Runtime.InteropServices;

namespace Hostwire.Collectors;

/// <summary>
/// Opens, reads and closes a small file of the kernel straight on the C library: for files that often refuse to be read (a sensor that sleeps), where the
/// runtime would make an exception each time, and for those that there are too many of to keep open.
/// </summary>
internal static unsafe partial class SmallFile
{
    /// <summary>A folder's number that stands for the working folder; for absolute paths it means nothing.</summary>
    public const int NoFolder = -100;

    // Open flags of Linux on x64 and Arm64.
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <summary>Reads the start of a file, as much as one call yields; empty where it cannot be opened or read.</summary>
    /// <param name="folder">The open folder that the path is relative to.</param>
    /// <param name="path">The path's bytes, ending in NUL.</param>
    /// <param name="buffer">Where the content goes.</param>
    public static ReadOnlySpan<byte> Read(int folder, scoped ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        int file;
        fixed (byte* pointer = path)
        {
            file = OpenAt(folder, pointer, ReadOnlyCloseOnExec);
        }

        if (file < 0)
        {
            return default;
        }

        nint length;
        fixed (byte* pointer = buffer)
        {
            length = ReadFrom(file, pointer, buffer.Length);
        }

        Close(file);
        return length > 0 ? buffer[..(int)length] : default;
    }

    [LibraryImport("libc", EntryPoint = "openat")]
    private static partial int OpenAt(int folder, byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint ReadFrom(int file, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial void Close(int file);
}
