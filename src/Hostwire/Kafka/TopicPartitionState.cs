namespace Hostwire.Kafka;

/// <summary>One partition of a topic.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Leader">The broker that writes it, e.g. <c>1 (kafka.example:9092)</c>; null while it has none.</param>
/// <param name="Replicas">The brokers that are to keep it.</param>
/// <param name="InSync">Those of them that are up to date.</param>
public sealed record TopicPartitionState(int Number, string? Leader, int[] Replicas, int[] InSync);
