namespace Hostwire.Store;

/// <summary>A row of <c>hostwire.kafka_offset</c>.</summary>
/// <param name="ClusterId">The cluster then; empty where brokers tell none.</param>
/// <param name="TopicId">The topic's id then; empty where brokers tell none.</param>
/// <param name="NextOffset">The first offset that is not stored.</param>
/// <param name="OwnerEpoch">The epoch of the last claim.</param>
internal sealed record StoredOffset(string ClusterId, string TopicId, long NextOffset, long OwnerEpoch);
