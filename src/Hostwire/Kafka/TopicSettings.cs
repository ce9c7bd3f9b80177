namespace Hostwire.Kafka;

/// <summary>The settings of a topic that matter to us, by Kafka's names.</summary>
public static class TopicSettings
{
    /// <summary>Whose clock gives a record its time.</summary>
    public const string TimestampType = "message.timestamp.type";

    /// <summary>The value of <see cref="TimestampType"/> for the broker's clock.</summary>
    public const string LogAppendTime = "LogAppendTime";

    /// <summary>How long a record is kept, in milliseconds; -1: for ever.</summary>
    public const string Retention = "retention.ms";

    /// <summary>How many bytes of a partition are kept; -1: no limit.</summary>
    public const string RetentionBytes = "retention.bytes";

    /// <summary>How records are compressed on disk.</summary>
    public const string Compression = "compression.type";

    /// <summary>How many replicas must have a record before it is acknowledged.</summary>
    public const string MinInSyncReplicas = "min.insync.replicas";

    /// <summary>The largest batch of records that is accepted, in bytes.</summary>
    public const string MaxMessageBytes = "max.message.bytes";

    /// <summary>Whether old records are deleted by age, or replaced by newer ones of the same key.</summary>
    public const string CleanupPolicy = "cleanup.policy";

    /// <summary>Those that a description shows, in its order.</summary>
    public static string[] Shown { get; } = [TimestampType, Retention, RetentionBytes, CleanupPolicy, Compression, MinInSyncReplicas, MaxMessageBytes];
}
