using Confluent.Kafka;
using Hostwire.Diagnostics;

namespace Hostwire.Sink;

/// <summary>The wish to claim a partition that the group has assigned to this sink.</summary>
internal sealed class ClaimRequest(TopicPartition partition)
{
    private volatile bool _isWithdrawn;

    /// <summary>The partition.</summary>
    public TopicPartition Partition { get; } = partition;

    /// <summary>The waits between attempts; used by one thread at a time.</summary>
    public RetryDelay Delay { get; } = new();

    /// <summary>Whether the group has taken the partition away meanwhile.</summary>
    public bool IsWithdrawn => _isWithdrawn;

    /// <summary>Gives the wish up; for any thread.</summary>
    public void Withdraw() => _isWithdrawn = true;
}
