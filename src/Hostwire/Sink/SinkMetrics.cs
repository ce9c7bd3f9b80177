using Hostwire.Metrics;
using Hostwire.Monitoring;

namespace Hostwire.Sink;

/// <summary>The metrics that a sink keeps of itself. <c>docs/monitoring.md</c> lists them; a test compares.</summary>
internal static class SinkMetrics
{
    private const string Prefix = "hostwire.sink.";

    /// <summary>How long it takes to store a batch.</summary>
    public static SelfHistogram BatchDuration { get; } = new()
    {
        Name = $"{Prefix}batch.duration",
        Unit = "s",
        Description = "Time to store a batch: decoding, dictionary, copy and commit.",
        Bounds = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    /// <summary>How large batches are.</summary>
    public static SelfHistogram BatchRecords { get; } = new()
    {
        Name = $"{Prefix}batch.records",
        Unit = "{records}",
        Description = "Records in a batch that was stored.",
        Bounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000],
    };

    /// <summary>Until when the certificates in use are valid.</summary>
    public static SelfMetric<CertificateWatch> CertificateExpiry { get; } = CertificateWatch.Metric("sink");

    /// <summary>All others.</summary>
    public static SelfMetric<SinkCounters>[] All { get; } =
    [
        Counter("records.consumed", "{records}", "Records read from the topic; those read again after a failure count again.", c => c.RecordsConsumed),
        Counter("records.stored", "{records}", "Records behind a committed offset, dead letters included.", c => c.RecordsStored),
        Counter("frames.stored", "{frames}", "Rows added to hostwire.frame.", c => c.FramesStored),
        Counter("points.stored", "{points}", "Values in those rows, nulls included.", c => c.PointsStored),
        Counter("batches", "{batches}", "Transactions committed.", c => c.Batches),
        Counter("duplicates", "{duplicates}", "Frames that were stored already with the same values, and points that a record gave twice.", c => c.Duplicates),
        Counter("conflicts", "{conflicts}", "Frames or points that were there already with other values. hostwire.conflict has a row for each, of points within records for 1,000 of a batch at most.", c => c.Conflicts),
        Counter("quarantined", "{frames}", "Frames whose time lies outside of what is kept: rows added to hostwire.quarantine.", c => c.Quarantined),
        Counter("dead_letters", "{records}", "Records that cannot be stored: rows added to hostwire.dead_letter.", c => c.DeadLetters),
        Counter("gaps", "{gaps}", "Stretches of the topic that were gone before they could be read: rows added to hostwire.gap.", c => c.Gaps),
        Counter("inexact_values", "{values}", "Whole numbers beyond 2^53, stored as the nearest double.", c => c.InexactValues),
        Counter("claims", "{claims}", "Partitions claimed in hostwire.kafka_offset; many mean that something goes wrong again and again.", c => c.Claims),
        Gauge("partitions", "{partitions}", "Partitions that the group has given to this sink; 0 while it waits for some.", c => c.PartitionsOwned),
        new(Define("lag.records", MetricKind.Gauge, "{records}", "Records of a partition that are not stored yet.", "partition"), (counters, to) =>
        {
            foreach (PartitionLag lag in counters.Lags)
            {
                to.Add(lag.Records, lag.Partition);
            }
        }),
        new(Define("lag.time", MetricKind.Gauge, "s", "How old the oldest record of a partition is that is not stored yet; 0 when all are.", "partition"), (counters, to) =>
        {
            foreach (PartitionLag lag in counters.Lags)
            {
                if (lag.Seconds is { } seconds)
                {
                    to.Add(seconds, lag.Partition);
                }
            }
        }),
        new(Define("commit.age", MetricKind.Gauge, "s", "Time since the last committed transaction; absent before the first."), (counters, to) =>
        {
            if (counters.CommitAge is { } age)
            {
                to.Add(age.TotalSeconds);
            }
        }),
        new(Define("cache.entries", MetricKind.Gauge, "{entries}", "Entries in the sink's caches, which are emptied when they reach their bounds.", "cache"), (counters, to) =>
        {
            CacheSizes sizes = counters.Caches;
            to.Add(sizes.Hosts, "hosts");
            to.Add(sizes.Resources, "resources");
            to.Add(sizes.Metrics, "metrics");
            to.Add(sizes.Series, "series");
            to.Add(sizes.Layouts, "layouts");
        }),
        new(Define("database.errors", MetricKind.Counter, "{errors}", "Failed attempts to work with PostgreSQL, by what was wrong; each is tried again.", "kind"),
            (counters, to) => counters.DatabaseErrors.Read(to)),
        new(Define("kafka.errors", MetricKind.Counter, "{errors}", "Errors that the Kafka client reported, by what was wrong.", "kind"),
            (counters, to) => counters.KafkaErrors.Read(to)),
    ];

    private static SelfMetric<SinkCounters> Counter(string name, string unit, string description, Func<SinkCounters, long> read) =>
        new(Define(name, MetricKind.Counter, unit, description), (counters, to) => to.Add(read(counters)));

    private static SelfMetric<SinkCounters> Gauge(string name, string unit, string description, Func<SinkCounters, long> read) =>
        new(Define(name, MetricKind.Gauge, unit, description), (counters, to) => to.Add(read(counters)));

    private static Metric Define(string name, MetricKind kind, string unit, string description, params string[] attributes) => new()
    {
        Name = Prefix + name,
        Unit = unit,
        Kind = kind,
        IsInteger = unit is not "s",
        Description = description,
        Source = "hostwire sink",
        AttributeKeys = attributes,
    };
}
