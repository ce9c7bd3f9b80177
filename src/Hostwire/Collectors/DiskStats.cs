namespace Hostwire.Collectors;

/// <summary>What <c>/proc/diskstats</c> says of a disk or partition since boot, in the kernel's units: operations, sectors of 512 bytes, milliseconds.</summary>
internal readonly record struct DiskStats
{
    /// <summary>The kernel's sector here, whatever the disk's own is, in bytes.</summary>
    public const ulong SectorBytes = 512;

    public required ulong Reads { get; init; }

    public required ulong ReadsMerged { get; init; }

    public required ulong SectorsRead { get; init; }

    public required ulong ReadMilliseconds { get; init; }

    public required ulong Writes { get; init; }

    public required ulong WritesMerged { get; init; }

    public required ulong SectorsWritten { get; init; }

    public required ulong WriteMilliseconds { get; init; }

    public required ulong InFlight { get; init; }

    public required ulong BusyMilliseconds { get; init; }

    public required ulong WeightedMilliseconds { get; init; }

    /// <summary>True where the disk has never done anything: an empty loop device, an unused RAM disk.</summary>
    public bool IsUnused => this == default;

    /// <summary>Reads <c>254 0 vda 46252 21915 ...</c>; columns past the fourteenth (discards since Linux 4.18, flushes since 5.5) are not looked at.</summary>
    /// <returns>False where there is no name or there are not eleven numbers after it.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> device, out DiskStats stats)
    {
        stats = default;
        KernelText.TakeField(ref line);
        KernelText.TakeField(ref line);
        device = KernelText.TakeField(ref line);
        Span<ulong> numbers = stackalloc ulong[11];
        foreach (ref ulong number in numbers)
        {
            if (!KernelText.TryTakeNumber(ref line, out number))
            {
                return false;
            }
        }

        stats = new DiskStats
        {
            Reads = numbers[0],
            ReadsMerged = numbers[1],
            SectorsRead = numbers[2],
            ReadMilliseconds = numbers[3],
            Writes = numbers[4],
            WritesMerged = numbers[5],
            SectorsWritten = numbers[6],
            WriteMilliseconds = numbers[7],
            InFlight = numbers[8],
            BusyMilliseconds = numbers[9],
            WeightedMilliseconds = numbers[10],
        };
        return true;
    }
}
