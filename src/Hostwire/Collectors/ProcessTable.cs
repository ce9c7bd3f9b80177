using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hostwire.Collectors;

/// <summary>Walks the processes under <c>/proc</c>. Straight on the C library, because .NET's own walk makes several objects for each process at every scrape.</summary>
internal sealed unsafe partial class ProcessTable(string procfs)
{
    // Of struct dirent, the same in glibc and musl on 64-bit Linux: inode, offset, length of the entry, type, name.
    private const int NameOffset = 8 + 8 + 2 + 1;

    private DirectoryHandle? _directory;

    /// <summary>Counts the processes there are now. One that ends meanwhile is not counted.</summary>
    /// <exception cref="IOException">The folder could not be read.</exception>
    public ProcessStates Count()
    {
        // Room for the number, a name of 64 characters as kernel threads have it, and the state; no digits and brackets of later fields to confuse.
        Span<byte> buffer = stackalloc byte[128];
        ProcessStates states = default;
        Start();
        while (TryReadNext(buffer, out ReadOnlySpan<byte> stat))
        {
            if (TryParseState(stat, out byte letter))
            {
                states.Add(letter);
            }
        }

        return states;
    }

    /// <summary>Begins a walk.</summary>
    /// <exception cref="IOException">The folder could not be read.</exception>
    public void Start() => Rewind(_directory ?? Open());

    /// <summary>The start of the next process's <c>stat</c>, as much as fits; false when there are no more. One that ends meanwhile is passed over.</summary>
    public bool TryReadNext(Span<byte> buffer, out ReadOnlySpan<byte> stat)
    {
        int folder = DescriptorOf(_directory!);
        byte* entry;
        while ((entry = NextEntry(_directory!)) is not null)
        {
            byte* name = entry + NameOffset;
            if (name[0] is >= (byte)'1' and <= (byte)'9' && TryRead(folder, MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name), buffer, out stat))
            {
                return true;
            }
        }

        stat = default;
        return false;
    }

    /// <summary>Finds the state in <c>1 (name) S 0 ...</c>. The name may hold anything, brackets and blanks too, so the last bracket counts.</summary>
    internal static bool TryParseState(ReadOnlySpan<byte> stat, out byte letter)
    {
        int bracket = stat.LastIndexOf(") "u8);
        letter = bracket >= 0 && bracket + 2 < stat.Length ? stat[bracket + 2] : (byte)0;
        return letter != 0;
    }

    private static bool TryRead(int folder, ReadOnlySpan<byte> pid, Span<byte> buffer, out ReadOnlySpan<byte> stat)
    {
        Span<byte> path = stackalloc byte[pid.Length + "/stat\0"u8.Length];
        pid.CopyTo(path);
        "/stat\0"u8.CopyTo(path[pid.Length..]);
        stat = SmallFile.Read(folder, path, buffer);
        return !stat.IsEmpty;
    }

    private DirectoryHandle Open()
    {
        DirectoryHandle directory = OpenDirectory(procfs);
        if (directory.IsInvalid)
        {
            int error = Marshal.GetLastPInvokeError();
            directory.Dispose();
            throw new IOException($"{procfs} cannot be read: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        return _directory = directory;
    }

    [LibraryImport("libc", EntryPoint = "opendir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial DirectoryHandle OpenDirectory(string path);

    [LibraryImport("libc", EntryPoint = "rewinddir")]
    private static partial void Rewind(DirectoryHandle directory);

    [LibraryImport("libc", EntryPoint = "dirfd")]
    private static partial int DescriptorOf(DirectoryHandle directory);

    [LibraryImport("libc", EntryPoint = "readdir")]
    private static partial byte* NextEntry(DirectoryHandle directory);

    [LibraryImport("libc", EntryPoint = "closedir")]
    private static partial int CloseDirectory(nint directory);

    private sealed class DirectoryHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle() => CloseDirectory(handle) == 0;
    }
}
