using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;
using Hostwire.Monitoring;
using Microsoft.Extensions.Logging;

namespace Hostwire.Sink;

/// <summary>Reads the topic as a member of the group, on one thread: checks that no offset is missing, gathers batches, and hands them to the store worker.</summary>
/// <remarks>
/// A partition is read only under a claim. The group assigns it: fetching is paused and a claim asked for; with the claim comes the offset to read
/// from. Once a claim is lost, for whatever reason, the same begins anew as long as the group leaves the partition to us.
/// </remarks>
internal sealed partial class Intake : IDisposable
{
    // One batch is being stored, one waits: the intake fills a third.
    private const int BatchesUnderWayMax = 2;

    private const int ReadAtOnceMax = 100;

    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StartAnewAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StandingMaxAtFirst = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StandingMaxAtLast = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RoundMax = TimeSpan.FromMinutes(2);

    private readonly SinkOptions _options;
    private readonly KafkaOptions _kafka;
    private readonly StoreWorker _worker;
    private readonly SinkCounters _counters;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ServiceState _state;
    private readonly SinkHealth _health;
    private readonly Dictionary<TopicPartition, OwnedPartition> _owned = [];
    private readonly IConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> _consumer;
    private readonly IAdminClient _asking;
    private readonly PayloadPool _pool = new();
    private readonly Queue<Task<KafkaTrouble>> _looks = [];
    private RecordBatch _batch;
    private int _batchesUnderWay;
    private long? _fullSince;
    private long _lookedAt;
    private volatile bool _hasEnded;

    public Intake(HostwireOptions options, StoreWorker worker, SinkCounters counters, ServiceState state, ILogger logger, TimeProvider time)
    {
        _options = options.Sink;
        _kafka = options.Kafka;
        _worker = worker;
        _counters = counters;
        _logger = logger;
        _time = time;
        _state = state;
        _health = new SinkHealth("Kafka", state, logger, time);
        _lookedAt = time.GetTimestamp();
        _batch = NewBatch();
        var log = new LibrdkafkaLog(logger, time);
        var deserializer = new PayloadDeserializer(() => _batch.Payloads);

        // Nothing thrown here may escape: the client would drop the message it holds. So the handlers only note what happened.
        _consumer = new ConsumerBuilder<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(SinkConsumerConfig.From(options))
            .SetKeyDeserializer(deserializer)
            .SetValueDeserializer(deserializer)
            .SetErrorHandler((_, error) => Report(error))
            .SetLogHandler((_, line) => log.Handle(line))
            .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => Revoked(partitions))
            .SetPartitionsLostHandler((_, partitions) => Revoked(partitions))
            .Build();

        // Through connections of their own, questions do not wait behind the records that the consumer's are full of. What goes wrong with them goes wrong with the consumer's, too, and is said there.
        _asking = new AdminClientBuilder(KafkaClientConfig.Admin(options.Kafka)).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        Inspector = new TopicInspector(_asking.Handle, options.Kafka);
    }

    /// <summary>Asks the brokers.</summary>
    public TopicInspector Inspector { get; }

    /// <summary>Joins the group and reads until <paramref name="stopping"/>; then hands over what is left.</summary>
    public void Run(CancellationToken stopping)
    {
        Pulse pulse = _state.Begin("reading of the topic", RoundMax);
        _consumer.Subscribe(_kafka.Topic);
        SayWhatIsMissing();
        while (!stopping.IsCancellationRequested)
        {
            pulse.Beat();
            HandleEvents();
            RenewClaims();
            Pace();
            Read();
            HandOver(isLast: false);
            Look();
        }

        HandOver(isLast: true);
        _hasEnded = true;
        pulse.Rest();
    }

    /// <summary>Tells Kafka how far everything is stored and leaves the group. Call after <see cref="Run"/> and the worker have ended.</summary>
    public void Leave()
    {
        // Waits for answers that are under way: the client that was asked ends next.
        Inspector.Dispose();
        HandleEvents();
        // What the last batches have stored counts, too.
        UpdateLag();
        _consumer.Close();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _asking.Dispose();
        _consumer.Dispose();
    }

    private void HandleEvents()
    {
        ReportWhatWasSeen();
        while (_worker.Events.TryDequeue(out StoreEvent? done))
        {
            switch (done)
            {
                case StoreEvent.Claimed(var request, var claim, var end):
                    Claimed(request, claim, end);
                    break;
                case StoreEvent.KafkaAnswered when IsMember:
                    // On a topic on which nothing comes no record would ever tell.
                    _health.Recovered();
                    break;
                case StoreEvent.BatchDone(var batch, var stored):
                    _batchesUnderWay--;
                    batch.Payloads.Release();
                    StoreOffsets(stored);
                    break;
            }
        }
    }

    private void Claimed(ClaimRequest request, PartitionClaim claim, long end)
    {
        if (!_owned.TryGetValue(request.Partition, out OwnedPartition? owned) || !ReferenceEquals(owned.Request, request))
        {
            // The group took the partition away, and may have given it back: then another request is under way.
            claim.Lose();
            return;
        }

        owned.Request = null;
        owned.Claim = owned.LastClaim = claim;
        owned.NextOffset = claim.NextOffset;
        owned.EndAtClaim = end;
        owned.AskedAgain = (-1, -1);
        owned.IsPositioned = false;
    }

    /// <summary>For lag tools only: where to read on is in the database. The client commits these by itself now and then.</summary>
    private void StoreOffsets(IReadOnlyList<(PartitionClaim Claim, long Next)> stored)
    {
        foreach ((PartitionClaim claim, long next) in stored)
        {
            try
            {
                if (!claim.IsLost)
                {
                    _consumer.StoreOffset(new TopicPartitionOffset(claim.Partition, next));
                }
            }
            catch (KafkaException error)
            {
                LogOffsetNotStored(claim.Partition.Partition.Value, error.Error.Reason);
            }
        }
    }

    /// <summary>Asks for claims where they are missing or lost, and sends the consumer to where new claims begin.</summary>
    private void RenewClaims()
    {
        foreach (OwnedPartition owned in _owned.Values)
        {
            if (owned.Claim is { IsLost: true })
            {
                owned.Claim = null;
                owned.IsPositioned = false;
            }

            if (owned.Claim is null && owned.Request is null)
            {
                _batch.DropLost();
                owned.Request = new ClaimRequest(owned.Partition);
                _worker.Post(owned.Request);
            }

            if (owned.Claim is not null && !owned.IsPositioned)
            {
                owned.IsPositioned = TrySeek(owned);
            }
        }
    }

    private bool TrySeek(OwnedPartition owned)
    {
        try
        {
            _consumer.Seek(new TopicPartitionOffset(owned.Partition, owned.NextOffset));
            owned.RefusedSince = null;
            return true;
        }
        catch (KafkaException error)
        {
            // Just assigned, and not being fetched yet: the next turn tries again.
            LogSeekLater(owned.Partition.Partition.Value, error.Error.Reason);
            owned.RefusedSince ??= _time.GetTimestamp();
            return _time.GetElapsedTime(owned.RefusedSince.Value) >= StartAnewAfter && TryStartAnew(owned);
        }
    }

    /// <summary>
    /// Once it has met an offset outside the log, the client has stopped that partition for good and refuses every seek (librdkafka's issue 2961):
    /// only a new assignment starts it. The group is not asked, the partition is ours all the time.
    /// </summary>
    private bool TryStartAnew(OwnedPartition owned)
    {
        owned.RefusedSince = null;
        try
        {
            _consumer.IncrementalUnassign([owned.Partition]);
            _consumer.IncrementalAssign([new TopicPartitionOffset(owned.Partition, owned.NextOffset)]);
            // A pause outlives the assignment.
            owned.IsPaused = true;
            return true;
        }
        catch (KafkaException error)
        {
            Report(error.Error);
            return false;
        }
    }

    /// <summary>Pauses partitions that must not be read now: without a position, or all of them while the store does not keep up.</summary>
    private void Pace()
    {
        if (!IsFull())
        {
            _fullSince = null;
        }
        else
        {
            _fullSince ??= _time.GetTimestamp();
        }

        // Pausing throws away what was fetched ahead; for a short while it is cheaper just not to ask for more.
        bool isBlocked = _fullSince is { } since && _time.GetElapsedTime(since) > PauseAfter;
        foreach (OwnedPartition owned in _owned.Values)
        {
            bool pause = isBlocked || !owned.IsPositioned;
            if (pause != owned.IsPaused)
            {
                Action<IEnumerable<TopicPartition>> change = pause ? _consumer.Pause : _consumer.Resume;
                change([owned.Partition]);
                owned.IsPaused = pause;
            }
        }
    }

    private bool IsFull() => _batch.Bytes >= _options.BatchMaxBytes && _batchesUnderWay >= BatchesUnderWayMax;

    /// <summary>Adds what has been fetched to the batch, at most a number of records, after which all else is looked at again; waits for one where there are none.</summary>
    private void Read()
    {
        bool fetchedMayWait = _fullSince is { } since && _time.GetElapsedTime(since) <= PauseAfter;
        if (fetchedMayWait)
        {
            _worker.WaitForEvent(PollWait);
            return;
        }

        // The client is asked in every turn, also where all partitions are paused: the group counts on it, and hears of others only so.
        TimeSpan wait = UntilDue();
        for (int count = 0; count == 0 || (count < ReadAtOnceMax && _batch.Bytes < _options.BatchMaxBytes); count++)
        {
            (int Blocks, int Used) before = _batch.Payloads.Position;
            if (Consume(count == 0 ? wait : TimeSpan.Zero) is not { } result)
            {
                _batch.Payloads.Rewind(before);
                if (count == 0 && wait == TimeSpan.Zero)
                {
                    // The batch is due, and cannot be handed over yet.
                    _worker.WaitForEvent(PollWait);
                }

                return;
            }

            if (!TryAccept(result))
            {
                _batch.Payloads.Rewind(before);
            }
        }
    }

    private ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>? Consume(TimeSpan wait)
    {
        try
        {
            ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>? result = _consumer.Consume(wait);
            if (result is not null)
            {
                _health.Recovered();
            }

            return result;
        }
        catch (ConsumeException error)
        {
            ConsumeFailed(error);
            return null;
        }
    }

    /// <summary>How long to wait for a record: not beyond the time at which the batch has to go.</summary>
    private TimeSpan UntilDue()
    {
        if (_batch.Records.Count == 0)
        {
            return PollWait;
        }

        TimeSpan left = TimeSpan.FromMilliseconds(_options.BatchMaxMilliseconds) - _time.GetElapsedTime(_batch.StartedAt);
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left < PollWait ? left : PollWait;
    }

    private void ConsumeFailed(ConsumeException error)
    {
        // The stored offset lies outside the log (auto.offset.reset is "error"): claiming anew finds out what is missing.
        if (error.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange
            && error.ConsumerRecord?.TopicPartition is { } partition && _owned.TryGetValue(partition, out OwnedPartition? owned))
        {
            LogOutOfRange(partition.Topic, partition.Partition.Value, owned.NextOffset);
            owned.Claim?.Lose();
            return;
        }

        if (error.Error.IsFatal)
        {
            throw new UserException($"The Kafka client has given up for good ({error.Error.Reason}): start the sink again; with group.instance.id in [kafka.properties], give each sink its own.", error);
        }

        Report(error.Error);
    }

    private void Report(Error error)
    {
        if (_hasEnded)
        {
            // What goes wrong in leaving the group is nobody's trouble any more.
            return;
        }

        KafkaTrouble trouble = KafkaTrouble.From(error, _kafka, "Read");
        _counters.KafkaErrors.Count(trouble.Kind);
        if (trouble.IsWorthALook)
        {
            _looks.Enqueue(trouble.LookCloserAsync(_kafka));
        }
        else if (_looks.Count == 0 || trouble.NeedsPerson)
        {
            // While a certificate is looked at, all else follows from it.
            _health.Report(trouble.Sentence, trouble.NeedsPerson);
        }
    }

    private void ReportWhatWasSeen()
    {
        while (!_hasEnded && _looks.TryPeek(out Task<KafkaTrouble>? look) && look.IsCompleted)
        {
            KafkaTrouble trouble = _looks.Dequeue().Result;
            _health.Report(trouble.Sentence, trouble.NeedsPerson);
        }
    }

    /// <summary>Adds a record to the batch; false where it is not to be used.</summary>
    private bool TryAccept(ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> result)
    {
        if (!_owned.TryGetValue(result.TopicPartition, out OwnedPartition? owned) || owned.Claim is not { IsLost: false } claim || !owned.IsPositioned)
        {
            // Fetched before a claim: it comes again under the claim.
            return false;
        }

        long offset = result.Offset.Value;
        if (offset < owned.NextOffset)
        {
            return false;
        }

        if (offset > owned.NextOffset && (owned.AskedAgain.Missing != owned.NextOffset || offset > owned.AskedAgain.Came))
        {
            // An error in the client may have lost it; a transaction's marker, or a compacted record, is missing at the second try too, and then no more than that.
            owned.AskedAgain = (owned.NextOffset, offset);
            owned.IsPositioned = false;
            LogMissingOffset(result.Topic, result.Partition.Value, owned.NextOffset, offset);
            return false;
        }

        owned.NextOffset = offset + 1;
        _counters.CountConsumed();
        _batch.Add(new RawRecord(claim, offset, result.Message.Key, result.Message.Value, RawRecord.TimeOf(result.Message.Timestamp.UnixTimestampMs)), _time.GetTimestamp());
        return true;
    }

    private RecordBatch NewBatch() => new(new Payloads(_pool));

    private void HandOver(bool isLast)
    {
        if (_batch.Records.Count == 0 || (_batchesUnderWay >= BatchesUnderWayMax && !isLast))
        {
            return;
        }

        bool isDue = isLast || _batch.Bytes >= _options.BatchMaxBytes
            || _time.GetElapsedTime(_batch.StartedAt) >= TimeSpan.FromMilliseconds(_options.BatchMaxMilliseconds);
        if (isDue)
        {
            _batchesUnderWay++;
            _worker.Post(_batch);
            _batch = NewBatch();
        }
    }

    /// <summary>
    /// Sends the consumer again to where a partition stands although there is more of it. What the client was asked before the claim, where the partition ends, it may learn after it was sent to where
    /// the claim begins; then it waits at the end, and only a new record would tell. At the markers of a transaction it stands rightly, so it is sent there less and less.
    /// </summary>
    private void SeekWhatStands()
    {
        long now = _time.GetTimestamp();
        foreach (OwnedPartition owned in _owned.Values)
        {
            long end = long.Max(owned.EndAtClaim, _consumer.GetWatermarkOffsets(owned.Partition).High.Value);
            if (owned.NextOffset != owned.Stands.Offset)
            {
                owned.StandingMax = StandingMaxAtFirst;
            }

            if (owned.NextOffset != owned.Stands.Offset || !owned.IsPositioned || owned.IsPaused || owned.NextOffset >= end)
            {
                owned.Stands = (owned.NextOffset, now);
            }
            else if (_time.GetElapsedTime(owned.Stands.Since, now) >= owned.StandingMax)
            {
                LogStands(owned.Partition.Topic, owned.Partition.Partition.Value, owned.NextOffset, end);
                owned.Stands = (owned.NextOffset, now);
                owned.StandingMax = TimeSpan.FromTicks(long.Min(2 * owned.StandingMax.Ticks, StandingMaxAtLast.Ticks));
                owned.IsPositioned = false;
            }
        }
    }

    /// <summary>Once a second: how far behind it is, and whether anything is missing.</summary>
    private void Look()
    {
        if (_time.GetElapsedTime(_lookedAt) >= LookEvery)
        {
            _lookedAt = _time.GetTimestamp();
            UpdateLag();
            SeekWhatStands();
            SayWhatIsMissing();
        }
    }

    private void SayWhatIsMissing()
    {
        int unclaimed = _owned.Values.Count(owned => owned.Claim is null or { IsLost: true });
        _counters.SetPartitionsOwned(_owned.Count);
        if (!IsMember)
        {
            _state.Trouble(this, $"It has not joined the group {_options.Group} yet.");
        }
        else if (unclaimed > 0)
        {
            _state.Trouble(this, $"Partitions that are not claimed in PostgreSQL yet: {unclaimed} of {_owned.Count}.");
        }
        else
        {
            _state.Mend(this);
        }
    }

    /// <summary>Whether the group's coordinator has taken this sink in; with partitions, or to wait for some.</summary>
    private bool IsMember => _owned.Count > 0 || _consumer.MemberId.Length > 0;

    private void UpdateLag()
    {
        DateTimeOffset now = _time.GetUtcNow();
        _counters.SetLags([.. _owned.Values.Select(owned =>
        {
            long end = _consumer.GetWatermarkOffsets(owned.Partition).High.Value;
            long records = owned.LastClaim is { } claim && end > claim.NextOffset ? end - claim.NextOffset : 0;
            double? seconds = owned.LastClaim is null ? null : owned.LagClock.Seconds(records, owned.LastClaim.StoredTimeMillis, now);
            return new PartitionLag(owned.Number, records, seconds);
        })]);
    }

    private IEnumerable<TopicPartitionOffset> Assigned(List<TopicPartition> partitions)
    {
        foreach (TopicPartition partition in partitions)
        {
            _owned[partition] = new OwnedPartition(partition);
        }

        // The end is a place where nothing is fetched: the claim will say where to begin.
        return partitions.Select(partition => new TopicPartitionOffset(partition, Offset.End));
    }

    private void Revoked(List<TopicPartitionOffset> partitions)
    {
        foreach (TopicPartitionOffset partition in partitions)
        {
            if (_owned.Remove(partition.TopicPartition, out OwnedPartition? owned))
            {
                owned.Request?.Withdraw();
                owned.Claim?.Lose();
                LogRevoked(partition.Topic, partition.Partition.Value);
            }
        }

        _batch.DropLost();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The group took a partition away")]
    private partial void LogRevoked(string topic, int partition);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The offset to read on from is not in the log")]
    private partial void LogOutOfRange(string topic, int partition, long offset);

    [LoggerMessage(Level = LogLevel.Debug, Message = "An offset is missing and is asked for again")]
    private partial void LogMissingOffset(string topic, int partition, long offset, long got);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A partition stands although there is more of it: asking for its next offset again")]
    private partial void LogStands(string topic, int partition, long offset, long end);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Not positioned yet partition={Partition}: {Reason}")]
    private partial void LogSeekLater(int partition, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The offset for lag tools was not taken partition={Partition}: {Reason}")]
    private partial void LogOffsetNotStored(int partition, string reason);
}
