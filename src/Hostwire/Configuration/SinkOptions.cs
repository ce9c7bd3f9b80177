namespace Hostwire.Configuration;

/// <summary>How records are consumed and stored: section <c>[sink]</c>.</summary>
public sealed record SinkOptions
{
    /// <summary><c>sink.group</c>: the Kafka consumer group; sinks of one group share the topic's partitions.</summary>
    public string Group { get; init; } = "hostwire";

    /// <summary><c>sink.batch_max_bytes</c>: a batch of this many bytes of records is stored at once; three of them at most are in memory.</summary>
    public int BatchMaxBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary><c>sink.batch_max_milliseconds</c>: a record waits at most this long for others before it is stored.</summary>
    public int BatchMaxMilliseconds { get; init; } = 100;

    /// <summary><c>sink.retention_days</c>: frames older than this many days are dropped, a day at a time. Kept in the database, where the last one to set it wins.</summary>
    public int RetentionDays { get; init; } = 30;

    /// <summary><c>sink.migrate</c>: whether the sink brings the schema up to date at start. False: it refuses to start on another version.</summary>
    public bool Migrate { get; init; } = true;
}
