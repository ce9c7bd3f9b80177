namespace Hostwire.Sink;

/// <summary>A record as it came off the topic. Its bytes are those of its batch, and no longer there once that is done.</summary>
/// <param name="Claim">The claim under which it was read.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Key">Its key; null where it has none.</param>
/// <param name="Value">Its value; null for a tombstone.</param>
/// <param name="TimeMillis">Its time on the topic, the broker's or the sender's, in milliseconds since 1970; 0 or less where it has none.</param>
internal readonly record struct RawRecord(PartitionClaim Claim, long Offset, ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte>? Value, long TimeMillis)
{
    /// <summary>
    /// A key or a value of more bytes is not looked into, nor kept: 16 times what brokers take by default. They limit what a batch has compressed, and a megabyte of that may hold a gigabyte.
    /// </summary>
    public const int PartBytesMax = 16 * 1024 * 1024;

    private static readonly long TimeMillisMax = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>What counts as its time: a sender may write any number there, and one beyond the year 9999, such as a time in microseconds, is none.</summary>
    public static long TimeOf(long millis) => millis <= TimeMillisMax ? millis : 0;

    /// <summary>Its number in <c>hostwire.dead_letter</c>, where it comes from there.</summary>
    public long DeadLetterId { get; init; }
}
