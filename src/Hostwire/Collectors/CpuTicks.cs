using System.Runtime.CompilerServices;

namespace Hostwire.Collectors;

/// <summary>What one CPU has done since it started, in ticks of 10 ms, by state in the order of <see cref="States"/>: a line of <c>/proc/stat</c>.</summary>
[InlineArray(StateCount)]
internal struct CpuTicks
{
    /// <summary>How many states there are.</summary>
    public const int StateCount = 8;

    /// <summary>The kernel's USER_HZ, part of its interface and 100 on every machine that .NET runs on.</summary>
    public const double TicksPerSecond = 100;

    private const int Idle = 3;
    private const int Wait = 4;

    private ulong _first;

    /// <summary>OpenTelemetry's words for the states, in the order of the kernel's columns. Guests' time follows them there, but is in <c>user</c> and <c>nice</c> already.</summary>
    public static string[] States { get; } = ["user", "nice", "system", "idle", "wait", "interrupt", "softirq", "steal"];

    /// <summary>Reads <c>cpu3 3459 0 2043 97166 3192 0 84 993 0 0</c>; false where the line is not that of a CPU, or is short of a number.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out int cpu, out CpuTicks ticks)
    {
        ticks = default;
        return TryTakeCpu(ref line, out cpu) && TryTakeTicks(ref line, ref ticks);
    }

    /// <summary>Reads <c>cpu  13459 0 ...</c>, the first line, which is the sum over all CPUs, those included that are offline now.</summary>
    public static bool TryParseSum(ReadOnlySpan<byte> line, out CpuTicks ticks)
    {
        ticks = default;
        return KernelText.TakeField(ref line).SequenceEqual("cpu"u8) && TryTakeTicks(ref line, ref ticks);
    }

    /// <summary>The share of each state between two readings of one CPU, or of all, 0 to 1 and 1 together.</summary>
    /// <returns>False where there is none to be had: no tick has passed, or the counters have started again.</returns>
    public static bool TryGetShares(in CpuTicks before, in CpuTicks after, Span<double> shares)
    {
        ulong total = 0;
        Span<ulong> passed = stackalloc ulong[StateCount];
        for (int state = 0; state < StateCount; state++)
        {
            if (after[state] >= before[state])
            {
                passed[state] = after[state] - before[state];
                total += passed[state];
            }
            else if (state is not (Idle or Wait))
            {
                return false;
            }

            // Idle and wait step back a little now and then on a running kernel, which reckons them for sleeping CPUs: that counts as no time.
        }

        for (int state = 0; state < StateCount && total > 0; state++)
        {
            shares[state] = passed[state] / (double)total;
        }

        return total > 0;
    }

    /// <summary>How many ticks passed between two readings, in all states.</summary>
    public static ulong Passed(in CpuTicks before, in CpuTicks after)
    {
        ulong total = 0;
        for (int state = 0; state < StateCount; state++)
        {
            total += after[state] >= before[state] ? after[state] - before[state] : 0;
        }

        return total;
    }

    private static bool TryTakeCpu(ref ReadOnlySpan<byte> line, out int cpu)
    {
        cpu = -1;
        ReadOnlySpan<byte> name = KernelText.TakeField(ref line);
        if (!name.StartsWith("cpu"u8))
        {
            return false;
        }

        name = name["cpu"u8.Length..];
        bool isNumber = KernelText.TryTakeNumber(ref name, out ulong number) && number <= int.MaxValue;
        cpu = isNumber ? (int)number : -1;
        return isNumber;
    }

    private static bool TryTakeTicks(ref ReadOnlySpan<byte> line, ref CpuTicks ticks)
    {
        for (int state = 0; state < StateCount; state++)
        {
            if (!KernelText.TryTakeNumber(ref line, out ticks[state]))
            {
                return false;
            }
        }

        return true;
    }
}
