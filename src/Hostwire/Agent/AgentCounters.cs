using System.Diagnostics.Metrics;
using Hostwire.Kafka;
using Hostwire.Monitoring;

namespace Hostwire.Agent;

/// <summary>What an agent has done since it started. Written by the agent's threads, read by any.</summary>
public sealed class AgentCounters
{
    private long _scrapesTaken;
    private long _pointsTaken;
    private long _collectorFailures;
    private long _collectorTimeouts;
    private long _execBadLines;
    private long _recordsQueued;
    private long _recordsAcknowledged;
    private long _bytesAcknowledged;
    private long _acknowledgementTicks;
    private long _queueLimit;
    private long _recordsSplit;
    private long _producersRenewed;
    private long _spoolFailures;
    private long _spoolsDamaged;
    private long _recordsWaiting;
    private long _bytesWaiting;
    private readonly Lock _collectorsGate = new();
    private volatile CollectorFigures[] _collectors = [];
    private Histogram<double>? _acknowledgementDuration;

    /// <summary>Passes over the collectors that yielded at least one point.</summary>
    public long ScrapesTaken => Interlocked.Read(ref _scrapesTaken);

    /// <summary>Points in all those scrapes.</summary>
    public long PointsTaken => Interlocked.Read(ref _pointsTaken);

    /// <summary>Calls of a collector, and runs of a command, that failed; its points are missing from that scrape.</summary>
    public long CollectorFailures => Interlocked.Read(ref _collectorFailures);

    /// <summary>Calls of a collector that took longer than <c>agent.collector_timeout_seconds</c>, and calls left out because an earlier one had not come back.</summary>
    public long CollectorTimeouts => Interlocked.Read(ref _collectorTimeouts);

    /// <summary>Lines that commands (<c>[[exec]]</c>) printed and that were left out, because they are not understood or gave a series twice.</summary>
    public long ExecBadLines => Interlocked.Read(ref _execBadLines);

    /// <summary>Records put into the queue: one a scrape.</summary>
    public long RecordsQueued => Interlocked.Read(ref _recordsQueued);

    /// <summary>Records that a broker has acknowledged.</summary>
    public long RecordsAcknowledged => Interlocked.Read(ref _recordsAcknowledged);

    /// <summary>Bytes of those records, before compression.</summary>
    public long BytesAcknowledged => Interlocked.Read(ref _bytesAcknowledged);

    /// <summary>Records lost: pushed out of a full queue, refused for good by the broker, or unsent when the agent stopped.</summary>
    public long RecordsDropped => Drops.Total;

    /// <summary>The same by the reason.</summary>
    public KindCounter<DropReason> Drops { get; } = new();

    /// <summary>Errors that the Kafka client reported.</summary>
    public KindCounter<KafkaTroubleKind> KafkaErrors { get; } = new();

    /// <summary>From handing records to the Kafka client to their acknowledgement, added up.</summary>
    public TimeSpan AcknowledgementTime => TimeSpan.FromTicks(Interlocked.Read(ref _acknowledgementTicks));

    /// <summary>How each collector fares that has been called.</summary>
    public CollectorFigures[] Collectors => _collectors;

    /// <summary>How many bytes the queue may hold.</summary>
    public long QueueLimit => Interlocked.Read(ref _queueLimit);

    /// <summary>Records that the broker found too large and that were halved; each adds one record to those queued.</summary>
    public long RecordsSplit => Interlocked.Read(ref _recordsSplit);

    /// <summary>Producers given up after a fatal error and made anew.</summary>
    public long ProducersRenewed => Interlocked.Read(ref _producersRenewed);

    /// <summary>Times that the spool's file could not be used any more, and the queue went on in memory.</summary>
    public long SpoolFailures => Interlocked.Read(ref _spoolFailures);

    /// <summary>Times that the spool's file was found damaged and set aside.</summary>
    public long SpoolsDamaged => Interlocked.Read(ref _spoolsDamaged);

    /// <summary>Records in the queue now, those on their way included.</summary>
    public long RecordsWaiting => Interlocked.Read(ref _recordsWaiting);

    /// <summary>Bytes in the queue now.</summary>
    public long BytesWaiting => Interlocked.Read(ref _bytesWaiting);

    /// <summary>Makes the instruments that have to be told of each event. Before anything is counted.</summary>
    internal void Publish(SelfMeter meter)
    {
        meter.Observe(AgentMetrics.All, this);
        _acknowledgementDuration = meter.Histogram(AgentMetrics.AcknowledgementDuration);
    }

    /// <summary>The figures of one collector, or of a command as <c>exec.NAME</c>; made where there are none.</summary>
    internal CollectorFigures Collector(string name)
    {
        lock (_collectorsGate)
        {
            foreach (CollectorFigures known in _collectors)
            {
                if (known.Name.Equals(name, StringComparison.Ordinal))
                {
                    return known;
                }
            }

            var figures = new CollectorFigures(name);
            _collectors = [.. _collectors, figures];
            return figures;
        }
    }

    /// <summary>Only these collectors and commands are called from now on; what is known of others is of no use any more.</summary>
    internal void KeepCollectors(IReadOnlySet<string> names)
    {
        lock (_collectorsGate)
        {
            _collectors = [.. _collectors.Where(known => names.Contains(known.Name))];
        }
    }

    /// <summary>A broker has acknowledged a record, so long after it was sent.</summary>
    internal void CountAcknowledgement(TimeSpan after)
    {
        Interlocked.Add(ref _acknowledgementTicks, after.Ticks);
        _acknowledgementDuration?.Record(after.TotalSeconds);
    }

    internal void SetQueueLimit(long bytes) => Interlocked.Exchange(ref _queueLimit, bytes);

    internal void CountScrape(int points)
    {
        Interlocked.Increment(ref _scrapesTaken);
        Interlocked.Add(ref _pointsTaken, points);
    }

    internal void CountCollectorFailure() => Interlocked.Increment(ref _collectorFailures);

    internal void CountExecBadLines(int lines) => Interlocked.Add(ref _execBadLines, lines);

    internal void CountCollectorTimeout() => Interlocked.Increment(ref _collectorTimeouts);

    internal void CountQueued() => Interlocked.Increment(ref _recordsQueued);

    internal void CountAcknowledged(int bytes)
    {
        Interlocked.Increment(ref _recordsAcknowledged);
        Interlocked.Add(ref _bytesAcknowledged, bytes);
    }

    internal void CountDropped(DropReason reason, long records) => Drops.Count(reason, records);

    internal void CountSplit()
    {
        Interlocked.Increment(ref _recordsSplit);
        Interlocked.Increment(ref _recordsQueued);
    }

    internal void CountProducerRenewed() => Interlocked.Increment(ref _producersRenewed);

    internal void CountSpoolFailed() => Interlocked.Increment(ref _spoolFailures);

    internal void CountSpoolDamaged() => Interlocked.Increment(ref _spoolsDamaged);

    internal void SetWaiting(long records, long bytes)
    {
        Interlocked.Exchange(ref _recordsWaiting, records);
        Interlocked.Exchange(ref _bytesWaiting, bytes);
    }
}
