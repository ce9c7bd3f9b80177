namespace Hostwire.Sink;

/// <summary>What the store worker tells the intake.</summary>
internal abstract record StoreEvent
{
    /// <summary>A partition was claimed; read on from <see cref="PartitionClaim.NextOffset"/>, to <paramref name="End"/> at least.</summary>
    public sealed record Claimed(ClaimRequest Request, PartitionClaim Claim, long End) : StoreEvent;

    /// <summary>The brokers have answered a question about the topic.</summary>
    public sealed record KafkaAnswered : StoreEvent
    {
        /// <summary>One is like another.</summary>
        public static KafkaAnswered Instance { get; } = new();
    }

    /// <summary>A batch is through, stored or not, and its bytes are needed no more; <paramref name="Stored"/> are the first offsets that are not stored, of partitions that moved.</summary>
    public sealed record BatchDone(RecordBatch Batch, IReadOnlyList<(PartitionClaim Claim, long Next)> Stored) : StoreEvent;
}
