using System.Buffers.Text;

namespace Hostwire.Collectors;

/// <summary>What <c>/proc/[pid]/stat</c> says of a process, as far as it is about what the process uses.</summary>
internal readonly record struct ProcessStat
{
    // Of the flags: a thread of the kernel, which has no program.
    private const ulong KernelThread = 0x0020_0000;

    public required int Pid { get; init; }

    public required bool IsKernelThread { get; init; }

    /// <summary>Ticks of 10 ms in its own code, of all its threads.</summary>
    public required ulong UserTicks { get; init; }

    /// <summary>Ticks of 10 ms in the kernel.</summary>
    public required ulong SystemTicks { get; init; }

    /// <summary>When it started, in ticks since the host did: tells it from another one that gets its number later.</summary>
    public required ulong StartTicks { get; init; }

    /// <summary>Pages of memory that it has, shared ones included.</summary>
    public required ulong ResidentPages { get; init; }

    /// <summary>Reads <c>3948211 (postgres) S 1 ...</c>; the name may hold anything, brackets and blanks too, so it ends at the last bracket.</summary>
    /// <returns>False where the line is not of that form, or is cut off before the twenty-fourth field.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out ProcessStat stat)
    {
        name = default;
        stat = default;
        int open = line.IndexOf((byte)'(');
        int close = line.LastIndexOf(") "u8);
        if (open < 0 || close < open || !Utf8Parser.TryParse(line, out int pid, out int length) || length != open - 1)
        {
            return false;
        }

        name = line[(open + 1)..close];
        ReadOnlySpan<byte> rest = line[(close + 2)..];

        // From the state, the third field: six to the flags, four more to the times, six to the start, one to the memory.
        if (TryTake(ref rest, 6, out ulong flags) & TryTake(ref rest, 4, out ulong user) & TryTake(ref rest, 0, out ulong system)
            & TryTake(ref rest, 6, out ulong start) & TryTake(ref rest, 1, out ulong pages))
        {
            stat = new ProcessStat
            {
                Pid = pid,
                IsKernelThread = (flags & KernelThread) != 0,
                UserTicks = user,
                SystemTicks = system,
                StartTicks = start,
                ResidentPages = pages,
            };
            return true;
        }

        return false;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> line, int skip, out ulong number)
    {
        for (; skip > 0; skip--)
        {
            KernelText.TakeField(ref line);
        }

        return KernelText.TryTakeNumber(ref line, out number);
    }
}
