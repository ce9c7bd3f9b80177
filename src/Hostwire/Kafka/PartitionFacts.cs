namespace Hostwire.Kafka;

/// <summary>What the brokers say of a partition now.</summary>
/// <param name="ClusterId">The cluster's id; empty where brokers tell none.</param>
/// <param name="TopicId">The topic's id, another one for a topic that was deleted and made again; empty where brokers tell none.</param>
/// <param name="Earliest">The first offset that can be read.</param>
/// <param name="Latest">The offset the next record will get.</param>
internal sealed record PartitionFacts(string ClusterId, string TopicId, long Earliest, long Latest);
