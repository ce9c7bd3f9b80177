using Confluent.Kafka;

namespace Hostwire.Sink;

/// <summary>One partition, as claimed in <c>hostwire.kafka_offset</c>: the right to store its records, until somebody else claims it.</summary>
internal sealed class PartitionClaim(TopicPartition partition, string clusterId, string topicId, long epoch, long nextOffset)
{
    private long _storedTimeMillis;
    private volatile bool _isLost;

    /// <summary>The partition.</summary>
    public TopicPartition Partition { get; } = partition;

    /// <summary>The cluster the partition was in when it was claimed; empty where brokers tell none.</summary>
    public string ClusterId { get; } = clusterId;

    /// <summary>The topic's id then; empty where brokers tell none.</summary>
    public string TopicId { get; } = topicId;

    /// <summary>The owner epoch: one more than the last owner's.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>The first offset that is not stored. Moved by the store worker alone, after each commit.</summary>
    public long NextOffset { get; private set; } = nextOffset;

    /// <summary>The time on the topic of the last record stored under this claim, in milliseconds since 1970; null before the first. Moved with <see cref="NextOffset"/>.</summary>
    public long? StoredTimeMillis => Interlocked.Read(ref _storedTimeMillis) is > 0 and long millis ? millis : null;

    /// <summary>Everything before this offset is stored, up to a record of that time.</summary>
    public void Advance(long nextOffset, long timeMillis)
    {
        NextOffset = nextOffset;
        Interlocked.Exchange(ref _storedTimeMillis, timeMillis);
    }

    /// <summary>Whether what was read under this claim must not be stored (any more): the partition went to another sink, or has to be claimed anew.</summary>
    public bool IsLost => _isLost;

    /// <summary>Gives the claim up; for any thread.</summary>
    public void Lose() => _isLost = true;
}
