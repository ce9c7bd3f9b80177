using System.Runtime.InteropServices;

namespace Hostwire.Collectors;

/// <summary>The system's <c>statvfs</c>. The runtime's own <c>DriveInfo</c> knows no inodes and no reserved blocks.</summary>
internal static partial class Statvfs
{
    /// <summary>Asks the file system that holds the path. May never return: a dead network mount holds the caller for as long as it is dead.</summary>
    /// <param name="path">The path's bytes, ending in NUL.</param>
    /// <param name="usage">What it said.</param>
    /// <returns>0, or the error number.</returns>
    public static unsafe int Read(ReadOnlySpan<byte> path, out FilesystemUsage usage)
    {
        Buffer buffer = default;
        int error;
        fixed (byte* pointer = path)
        {
            error = Call(pointer, &buffer) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }

        usage = new FilesystemUsage
        {
            BlockBytes = buffer.FragmentBytes,
            Blocks = buffer.Blocks,
            FreeBlocks = buffer.FreeBlocks,
            AvailableBlocks = buffer.AvailableBlocks,
            Inodes = buffer.Inodes,
            FreeInodes = buffer.FreeInodes,
        };
        return error;
    }

    [LibraryImport("libc", EntryPoint = "statvfs", SetLastError = true)]
    private static unsafe partial int Call(byte* path, Buffer* buffer);

    // struct statvfs of 64-bit Linux, glibc and musl alike; the size leaves room for what follows these fields (112 bytes in all).
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct Buffer
    {
        public nuint BlockBytes;
        public nuint FragmentBytes;
        public ulong Blocks;
        public ulong FreeBlocks;
        public ulong AvailableBlocks;
        public ulong Inodes;
        public ulong FreeInodes;
    }
}
