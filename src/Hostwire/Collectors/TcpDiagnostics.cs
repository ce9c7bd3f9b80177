using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Hostwire.Collectors;

/// <summary>
/// Asks the kernel for all TCP sockets over netlink (<c>sock_diag(7)</c>), IPv4 and IPv6 in one pass over its table. The files <c>/proc/net/tcp</c> and <c>tcp6</c> say the same in text, in two
/// passes, for ten times the CPU.
/// </summary>
internal static unsafe partial class TcpDiagnostics
{
    private const int AddressFamilyNetlink = 16;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int SockDiagProtocol = 4;
    private const int HeaderBytes = 16;

    // The older of two forms of the question, in which the family is not one of what is asked for.
    private const ushort TcpSockets = 18;
    private const ushort RequestDump = 0x001 | 0x300;
    private const ushort MessageError = 2;
    private const ushort MessageDone = 3;
    private const int QuestionBytes = HeaderBytes + 60;
    private const int StatesAt = HeaderBytes + 52;

    /// <summary>Counts the sockets of our own network by the kernel's codes of their states.</summary>
    /// <param name="counts">One number for each code, to be added to.</param>
    /// <param name="buffer">Room for a message of the kernel, 32 kB or more.</param>
    /// <returns>False where the kernel cannot be asked like that; then some may have been counted.</returns>
    public static bool TryCount(Span<long> counts, Span<byte> buffer)
    {
        int socket = Open(AddressFamilyNetlink, RawCloseOnExec, SockDiagProtocol);
        if (socket < 0)
        {
            return false;
        }

        try
        {
            Span<byte> question = stackalloc byte[QuestionBytes];
            question.Clear();
            BinaryPrimitives.WriteInt32LittleEndian(question, QuestionBytes);
            BinaryPrimitives.WriteUInt16LittleEndian(question[4..], TcpSockets);
            BinaryPrimitives.WriteUInt16LittleEndian(question[6..], RequestDump);
            BinaryPrimitives.WriteUInt32LittleEndian(question[StatesAt..], (1u << counts.Length) - 2);
            fixed (byte* pointer = question)
            {
                if (Send(socket, pointer, QuestionBytes, 0) != QuestionBytes)
                {
                    return false;
                }
            }

            while (true)
            {
                nint length;
                fixed (byte* pointer = buffer)
                {
                    length = Receive(socket, pointer, buffer.Length, 0);
                }

                if (length <= 0 || Count(buffer[..(int)length], counts) is not { } isDone)
                {
                    return false;
                }

                if (isDone)
                {
                    return true;
                }
            }
        }
        finally
        {
            Close(socket);
        }
    }

    /// <summary>Counts the sockets of some messages; true where the last has come, null where they are not what was asked for.</summary>
    internal static bool? Count(ReadOnlySpan<byte> messages, Span<long> counts)
    {
        while (messages.Length >= HeaderBytes)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(messages);
            ushort type = BinaryPrimitives.ReadUInt16LittleEndian(messages[4..]);
            if (type == MessageDone)
            {
                return true;
            }

            // After the header comes the family, then the state.
            if (type == MessageError || length < HeaderBytes + 2 || length > messages.Length || messages[HeaderBytes + 1] is var state && (state == 0 || state >= counts.Length))
            {
                return null;
            }

            counts[state]++;
            messages = messages[int.Min((length + 3) & ~3, messages.Length)..];
        }

        return messages.IsEmpty ? false : null;
    }

    /// <summary>Whether a file of <c>/proc/net</c> is of our own network, which is the one that the kernel tells of.</summary>
    public static bool IsOfOurNetwork(string path)
    {
        Span<byte> file = stackalloc byte[StatusBytes];
        Span<byte> own = stackalloc byte[StatusBytes];
        return TryRead(path, file) && TryRead($"/proc/self/net/{Path.GetFileName(path)}", own) && Inode(file) == Inode(own) && Device(file) == Device(own);
    }

    // struct statx: the number of the file at 32, of the device (major, minor) at 136.
    private const int StatusBytes = 256;

    private static ulong Inode(ReadOnlySpan<byte> status) => BinaryPrimitives.ReadUInt64LittleEndian(status[32..]);

    private static ulong Device(ReadOnlySpan<byte> status) => BinaryPrimitives.ReadUInt64LittleEndian(status[136..]);

    private static bool TryRead(string path, Span<byte> status)
    {
        const int currentFolder = -100;
        const uint inode = 0x100;
        fixed (byte* pointer = status)
        {
            return Status(currentFolder, path, 0, inode, pointer) == 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int Open(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send")]
    private static partial nint Send(int socket, byte* bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv")]
    private static partial nint Receive(int socket, byte* bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial void Close(int socket);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, byte* status);
}
