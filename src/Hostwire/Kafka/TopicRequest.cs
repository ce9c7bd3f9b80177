using System.Globalization;

namespace Hostwire.Kafka;

/// <summary>A topic as it is wanted.</summary>
public sealed record TopicRequest
{
    /// <summary>How many partitions; the sinks of a group share them, so this is the most sinks that work at a time.</summary>
    public required int Partitions { get; init; }

    /// <summary>How many brokers keep each record; null: the cluster's default.</summary>
    public short? Replication { get; init; }

    /// <summary>How long Kafka keeps a record; null: the cluster's default; <see cref="Timeout.InfiniteTimeSpan"/>: for ever.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>The topic's <c>compression.type</c>; null: the cluster's default, which is as the producer sends.</summary>
    public string? Compression { get; init; }

    /// <summary>How many replicas must have a record before it is acknowledged; null: the cluster's default.</summary>
    public int? MinInSyncReplicas { get; init; }

    /// <summary>The topic's settings by Kafka's names: those that are asked for, and the broker's clock for the time of records.</summary>
    public Dictionary<string, string> Settings()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // With the producer's time a host whose clock is a day ahead has its records refused, and with them the good ones of their batch.
            [TopicSettings.TimestampType] = TopicSettings.LogAppendTime,
        };
        if (Retention is { } retention)
        {
            long milliseconds = retention == Timeout.InfiniteTimeSpan ? -1 : (long)retention.TotalMilliseconds;
            settings[TopicSettings.Retention] = milliseconds.ToString(CultureInfo.InvariantCulture);
        }

        if (Compression is { } compression)
        {
            settings[TopicSettings.Compression] = compression;
        }

        if (MinInSyncReplicas is { } replicas)
        {
            settings[TopicSettings.MinInSyncReplicas] = replicas.ToString(CultureInfo.InvariantCulture);
        }

        return settings;
    }
}
