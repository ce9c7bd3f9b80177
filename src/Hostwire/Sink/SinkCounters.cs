using System.Diagnostics.Metrics;
using Hostwire.Kafka;
using Hostwire.Monitoring;
using Hostwire.Store;

namespace Hostwire.Sink;

/// <summary>What a sink has done since it started. Written by the sink's threads, read by any.</summary>
public sealed class SinkCounters(TimeProvider time)
{
    private long _recordsConsumed;
    private long _recordsStored;
    private long _framesStored;
    private long _pointsStored;
    private long _batches;
    private long _duplicates;
    private long _conflicts;
    private long _quarantined;
    private long _deadLetters;
    private long _inexactValues;
    private long _gaps;
    private long _claims;
    private long _lagRecords;
    private long _partitionsOwned;
    private long _newestTimeMicros;
    private long _committedAt = long.MinValue;
    private volatile PartitionLag[] _lags = [];
    private volatile CacheSizes _caches = new(0, 0, 0, 0, 0);
    private Histogram<double>? _batchDuration;
    private Histogram<double>? _batchRecords;

    /// <summary>Records read from the topic and taken for storing; read again after a failure, they count again.</summary>
    public long RecordsConsumed => Interlocked.Read(ref _recordsConsumed);

    /// <summary>Records whose offset is behind a committed transaction, dead letters included.</summary>
    public long RecordsStored => Interlocked.Read(ref _recordsStored);

    /// <summary>Rows added to <c>hostwire.frame</c>.</summary>
    public long FramesStored => Interlocked.Read(ref _framesStored);

    /// <summary>Values in those rows, nulls included.</summary>
    public long PointsStored => Interlocked.Read(ref _pointsStored);

    /// <summary>Transactions committed.</summary>
    public long Batches => Interlocked.Read(ref _batches);

    /// <summary>Frames that were stored already, bit by bit the same; and points that a record gave twice.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Frames (or points of one record) that were there already with other values; the first stays, see <c>hostwire.conflict</c>.</summary>
    public long Conflicts => Interlocked.Read(ref _conflicts);

    /// <summary>Frames whose time lies outside what is kept.</summary>
    public long Quarantined => Interlocked.Read(ref _quarantined);

    /// <summary>Records put into <c>hostwire.dead_letter</c>.</summary>
    public long DeadLetters => Interlocked.Read(ref _deadLetters);

    /// <summary>Whole numbers beyond 2^53, stored as the nearest double.</summary>
    public long InexactValues => Interlocked.Read(ref _inexactValues);

    /// <summary>Rows added to <c>hostwire.gap</c>.</summary>
    public long Gaps => Interlocked.Read(ref _gaps);

    /// <summary>Partitions claimed.</summary>
    public long Claims => Interlocked.Read(ref _claims);

    /// <summary>Partitions that the group has given to this sink.</summary>
    public long PartitionsOwned => Interlocked.Read(ref _partitionsOwned);

    /// <summary>Records in this sink's partitions that are not stored yet, as far as the brokers have told.</summary>
    public long LagRecords => Interlocked.Read(ref _lagRecords);

    /// <summary>Failed attempts to work with PostgreSQL.</summary>
    public KindCounter<PostgresTroubleKind> DatabaseErrors { get; } = new();

    /// <summary>Errors that the Kafka client reported.</summary>
    public KindCounter<KafkaTroubleKind> KafkaErrors { get; } = new();

    /// <summary>How long ago the last transaction was committed; null before the first.</summary>
    public TimeSpan? CommitAge => Interlocked.Read(ref _committedAt) is not long.MinValue and long at ? time.GetElapsedTime(at) : null;

    /// <summary>How far behind each of this sink's partitions is.</summary>
    internal IReadOnlyList<PartitionLag> Lags => _lags;

    /// <summary>How much the caches hold.</summary>
    internal CacheSizes Caches => _caches;

    /// <summary>The latest time of any frame stored; null before the first.</summary>
    public DateTimeOffset? NewestTime =>
        Interlocked.Read(ref _newestTimeMicros) is > 0 and long micros ? DateTimeOffset.UnixEpoch.AddMicroseconds(micros) : null;

    internal void CountConsumed() => Interlocked.Increment(ref _recordsConsumed);

    internal void CountClaim() => Interlocked.Increment(ref _claims);

    internal void CountGap() => Interlocked.Increment(ref _gaps);

    internal void SetPartitionsOwned(int partitions) => Interlocked.Exchange(ref _partitionsOwned, partitions);

    internal void SetLags(PartitionLag[] lags)
    {
        _lags = lags;
        Interlocked.Exchange(ref _lagRecords, lags.Sum(lag => lag.Records));
    }

    internal void SetCaches(CacheSizes sizes) => _caches = sizes;

    /// <summary>Makes the instruments that have to be told of each event. Before anything is counted.</summary>
    internal void Publish(SelfMeter meter)
    {
        meter.Observe(SinkMetrics.All, this);
        _batchDuration = meter.Histogram(SinkMetrics.BatchDuration);
        _batchRecords = meter.Histogram(SinkMetrics.BatchRecords);
    }

    /// <summary>A batch was stored, in one transaction or several.</summary>
    internal void CountBatchTime(TimeSpan duration, int records)
    {
        _batchDuration?.Record(duration.TotalSeconds);
        _batchRecords?.Record(records);
    }

    /// <summary>Adds what one committed transaction did.</summary>
    internal void CountBatch(in BatchOutcome outcome)
    {
        Interlocked.Increment(ref _batches);
        Interlocked.Exchange(ref _committedAt, time.GetTimestamp());
        Interlocked.Add(ref _recordsStored, outcome.Records);
        Interlocked.Add(ref _framesStored, outcome.Frames);
        Interlocked.Add(ref _pointsStored, outcome.Points);
        Interlocked.Add(ref _duplicates, outcome.Duplicates);
        Interlocked.Add(ref _conflicts, outcome.Conflicts);
        Interlocked.Add(ref _quarantined, outcome.Quarantined);
        Interlocked.Add(ref _deadLetters, outcome.DeadLetters);
        Interlocked.Add(ref _inexactValues, outcome.InexactValues);
        if (outcome.NewestTimeMicros > Interlocked.Read(ref _newestTimeMicros))
        {
            Interlocked.Exchange(ref _newestTimeMicros, outcome.NewestTimeMicros);
        }
    }
}
