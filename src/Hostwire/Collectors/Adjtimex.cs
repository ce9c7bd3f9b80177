using System.Runtime.InteropServices;

namespace Hostwire.Collectors;

/// <summary>The system's <c>adjtimex</c>, asked without changing anything.</summary>
internal static partial class Adjtimex
{
    // Of the status: nobody keeps the clock right; the offset is in nanoseconds instead of microseconds.
    private const int Unsynchronized = 0x0040;
    private const int Nanoseconds = 0x2000;

    /// <summary>Reads the state; false where the system does not let us, as in many containers.</summary>
    public static unsafe bool TryRead(out ClockState state)
    {
        // Modes is 0: nothing is to be set, which needs no right.
        Timex timex = default;
        state = default;
        if (Call(&timex) < 0)
        {
            return false;
        }

        state = ToState(timex.Offset, timex.MaxError, timex.EstimatedError, timex.Status);
        return true;
    }

    /// <summary>The state as the kernel's figures say it; errors are in microseconds.</summary>
    internal static ClockState ToState(long offset, long maxError, long estimatedError, int status) => new()
    {
        OffsetSeconds = offset / ((status & Nanoseconds) != 0 ? 1e9 : 1e6),
        MaxErrorSeconds = maxError / 1e6,
        EstimatedErrorSeconds = estimatedError / 1e6,
        IsSynchronized = (status & Unsynchronized) == 0,
    };

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static unsafe partial int Call(Timex* timex);

    // struct timex of 64-bit Linux, glibc and musl alike: 208 bytes, of which the first fields are of interest.
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct Timex
    {
        public uint Modes;
        public long Offset;
        public long Frequency;
        public long MaxError;
        public long EstimatedError;
        public int Status;
    }
}
