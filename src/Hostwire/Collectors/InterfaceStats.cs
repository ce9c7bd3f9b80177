namespace Hostwire.Collectors;

/// <summary>What <c>/proc/net/dev</c> says of a network interface since it was made: bytes, packets, errors and drops, both ways.</summary>
internal readonly record struct InterfaceStats
{
    public required ulong BytesReceived { get; init; }

    public required ulong PacketsReceived { get; init; }

    public required ulong ReceiveErrors { get; init; }

    public required ulong ReceiveDrops { get; init; }

    public required ulong BytesSent { get; init; }

    public required ulong PacketsSent { get; init; }

    public required ulong SendErrors { get; init; }

    public required ulong SendDrops { get; init; }

    /// <summary>Reads <c>  eth0: 910534635 62840 0 0 ...</c>; numbers may follow the colon without a space, as they do on old kernels.</summary>
    /// <returns>False where there is no name, or there are not twelve numbers after it.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out InterfaceStats stats)
    {
        stats = default;

        // The last colon: old aliases such as eth0:1 have one in their name, the numbers have none.
        int colon = line.LastIndexOf((byte)':');
        name = line[..Math.Max(colon, 0)].Trim((byte)' ');
        line = line[(colon + 1)..];
        Span<ulong> numbers = stackalloc ulong[12];
        foreach (ref ulong number in numbers)
        {
            if (!KernelText.TryTakeNumber(ref line, out number))
            {
                return false;
            }
        }

        // Between the two halves stand fifo, frame, compressed and multicast, which nobody asks for.
        stats = new InterfaceStats
        {
            BytesReceived = numbers[0],
            PacketsReceived = numbers[1],
            ReceiveErrors = numbers[2],
            ReceiveDrops = numbers[3],
            BytesSent = numbers[8],
            PacketsSent = numbers[9],
            SendErrors = numbers[10],
            SendDrops = numbers[11],
        };
        return !name.IsEmpty;
    }
}
