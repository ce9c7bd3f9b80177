namespace Hostwire.Sink;

/// <summary>How far this sink is behind on one partition of its own.</summary>
/// <param name="Partition">The partition's number, as text.</param>
/// <param name="Records">Records that are on the topic and not stored yet, as far as the brokers have told.</param>
/// <param name="Seconds">How old the oldest of them is, as far as is known; 0 where there is none. Null: nothing of the partition was read yet.</param>
internal sealed record PartitionLag(string Partition, long Records, double? Seconds);
