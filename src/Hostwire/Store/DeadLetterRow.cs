namespace Hostwire.Store;

/// <summary>A dead letter, for people.</summary>
/// <param name="Id">Its number.</param>
/// <param name="ReceivedAt">When the sink set it aside, in UTC.</param>
/// <param name="TriedAt">When it was last tried again, in UTC; null where it never was.</param>
/// <param name="Topic">The topic it was read from.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Reason">Why it was not stored; may repeat what came off the topic.</param>
/// <param name="Bytes">The length of its payload; null where it is gone.</param>
internal sealed record DeadLetterRow(long Id, DateTime ReceivedAt, DateTime? TriedAt, string Topic, int Partition, long Offset, string Reason, int? Bytes)
{
    /// <summary>Its key; null where it has none or was not asked for.</summary>
    public byte[]? Key { get; init; }

    /// <summary>Its payload; null where it is gone or was not asked for.</summary>
    public byte[]? Payload { get; init; }
}
