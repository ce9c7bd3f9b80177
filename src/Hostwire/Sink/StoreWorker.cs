using System.Collections.Concurrent;
using System.Data;
using System.Threading.Channels;
using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;
using Hostwire.Monitoring;
using Hostwire.Store;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Hostwire.Sink;

/// <summary>The only one who talks to PostgreSQL: claims partitions and stores batches, one after the other, for as long as it takes.</summary>
/// <remarks>
/// Every failure has one way out: the claims of the batch are lost, their partitions are claimed anew, and the stored offset says what to read again.
/// So it does not matter whether a COMMIT whose answer was lost had happened.
/// </remarks>
internal sealed partial class StoreWorker(
    HostwireOptions options, NpgsqlDataSource database, BatchStore store, ClaimStore claims, SinkCounters counters, ServiceState state, ILogger logger, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan MaintenanceEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan MaintenanceRetryAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CheckAgainAfter = TimeSpan.FromSeconds(5);

    // The longest that one thing may take: a day's partitions dropped behind somebody's long query, a database that answers nothing until its time-outs are over.
    private static readonly TimeSpan RoundMax = TimeSpan.FromMinutes(10);

    private readonly AutoResetEvent _eventRaised = new(initialState: false);
    private readonly Channel<RecordBatch> _undecoded = Channel.CreateUnbounded<RecordBatch>(new() { SingleReader = true });
    private readonly Channel<object> _inbox = Channel.CreateUnbounded<object>(new() { SingleReader = true });
    private readonly SinkHealth _health = new("PostgreSQL", state, logger, time);
    private readonly SinkHealth _kafkaHealth = new("Kafka", state, logger, time);
    private readonly SinkHealth _maintenanceHealth = new("Maintenance of the store", state: null, logger, time);
    private readonly RetryDelay _delay = new();
    private readonly List<PartitionClaim> _claims = [];
    private NpgsqlConnection? _connection;
    private bool _isStoreTroubled;
    private TimeSpan _checkWait = CheckEvery;
    private TimeSpan _maintenanceWait;
    private long? _maintainedAt;
    private long? _checkedAt;

    /// <summary>What has been done, for the intake.</summary>
    public ConcurrentQueue<StoreEvent> Events { get; } = new();

    /// <summary>Blocks the intake until something has been done, or the time is over.</summary>
    public void WaitForEvent(TimeSpan atMost) => _eventRaised.WaitOne(atMost);

    /// <summary>Asks for a claim. The answer is an event.</summary>
    public void Post(ClaimRequest request) => _inbox.Writer.TryWrite(request);

    /// <summary>Hands a batch over. The answer is an event. The intake keeps the number of batches under way small.</summary>
    public void Post(RecordBatch batch) => _undecoded.Writer.TryWrite(batch);

    /// <summary>Nothing more will come; <see cref="RunAsync"/> ends once everything is done.</summary>
    public void Complete() => _undecoded.Writer.TryComplete();

    /// <inheritdoc/>
    public void Dispose() => _eventRaised.Dispose();

    /// <summary>Works until <see cref="Complete"/>, or until <paramref name="abort"/>, which leaves what is unfinished to whoever reads it again.</summary>
    public async Task RunAsync(TopicInspector inspector, CancellationToken abort)
    {
        using var asking = CancellationTokenSource.CreateLinkedTokenSource(abort);
        Task decoding = Task.Run(() => DecodeAsync(inspector, asking.Token), CancellationToken.None);
        Pulse pulse = state.Begin("storing of records", RoundMax);
        try
        {
            while (true)
            {
                pulse.Beat();
                while (_inbox.Reader.TryRead(out object? item))
                {
                    pulse.Beat();
                    await HandleAsync(item, inspector, asking.Token, abort);
                    await DoChoresAsync(inspector, asking.Token, abort);
                }

                if (!await WaitAsync(abort))
                {
                    return;
                }

                await DoChoresAsync(inspector, asking.Token, abort);
            }
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            LogAborted();
        }
        finally
        {
            await asking.CancelAsync();
            await decoding;
            await DisconnectAsync();
            pulse.Rest();
        }
    }

    /// <summary>Decodes each batch while the one before it is being stored, and has the brokers say meanwhile which topic it was read from.</summary>
    private async Task DecodeAsync(TopicInspector inspector, CancellationToken ending)
    {
        try
        {
            await foreach (RecordBatch batch in _undecoded.Reader.ReadAllAsync(ending))
            {
                batch.DropLost();
                Task looking = batch.Records.Count > 0 ? LookAsync(inspector, ending) : Task.CompletedTask;
                PreparedBatch prepared = await store.PrepareAsync(batch.Records.ToArray(), ending);
                await looking;
                _inbox.Writer.TryWrite(new Decoded(batch, prepared));
            }

            _inbox.Writer.TryComplete();
        }
        catch (Exception error)
        {
            // The end, or an error of ours: it must end the worker, which nobody would notice here.
            _inbox.Writer.TryComplete(error);
        }
    }

    /// <summary>
    /// Has the brokers say the topic's id, until they do. An id never comes back, so what was read before they say that of a claim was read from the topic of that claim, and not from one that was
    /// made again under its name: its records would be taken for those of the first, which then would be missing in no gap.
    /// </summary>
    private async Task LookAsync(TopicInspector inspector, CancellationToken ending)
    {
        var delay = new RetryDelay();
        bool isFirst = true;

        // Where there is no such topic, it is that of the claims which is no more: there is no other yet.
        while (await AskTopicAsync(inspector, ending) is { Error.Code: not ErrorCode.UnknownTopicOrPart } error)
        {
            // Brokers stumble now and then, for no longer than it takes to ask again.
            if (!isFirst)
            {
                _inbox.Writer.TryWrite(new UnseenTopic(error));
            }

            isFirst = false;
            await Task.Delay(delay.Next(), time, ending);
        }
    }

    /// <summary>Asks the brokers once for the topic's id. The answer comes through the inbox; returned is what kept them from it.</summary>
    private async Task<KafkaException?> AskTopicAsync(TopicInspector inspector, CancellationToken ending)
    {
        try
        {
            _inbox.Writer.TryWrite(new SeenTopic(await inspector.TopicIdAsync(ending)));
            return null;
        }
        catch (KafkaException error)
        {
            return error;
        }
    }

    /// <summary>Waits for work, or for the time of the next chore; false when nothing more will come.</summary>
    private async Task<bool> WaitAsync(CancellationToken abort)
    {
        using var chore = CancellationTokenSource.CreateLinkedTokenSource(abort);
        chore.CancelAfter(_checkWait);
        try
        {
            return await _inbox.Reader.WaitToReadAsync(chore.Token);
        }
        catch (OperationCanceledException) when (!abort.IsCancellationRequested)
        {
            return true;
        }
    }

    private async Task HandleAsync(object item, TopicInspector inspector, CancellationToken asking, CancellationToken abort)
    {
        switch (item)
        {
            case ClaimRequest request:
                _ = AskAsync(request, inspector, after: TimeSpan.Zero, asking);
                break;
            case Answer { Facts: { } facts } answer:
                _kafkaHealth.Recovered();
                await ClaimAsync(answer.Request, facts, inspector, asking, abort);
                break;
            case Answer { Error: { } error } answer:
                Report(error);
                _ = AskAsync(answer.Request, inspector, answer.Request.Delay.Next(), asking);
                break;
            case SeenTopic topic:
                _kafkaHealth.Recovered();
                LoseClaimsOnOthers(topic.Id);
                Raise(StoreEvent.KafkaAnswered.Instance);
                break;
            case UnseenTopic unseen:
                Report(unseen.Error);
                break;
            case Decoded decoded:
                await StoreAsync(decoded, abort);
                break;
        }
    }

    /// <summary>
    /// Asks the brokers about a partition, beside the work: one whose leader is away must not hold up the records of the others. The answer comes
    /// through the inbox.
    /// </summary>
    private async Task AskAsync(ClaimRequest request, TopicInspector inspector, TimeSpan after, CancellationToken asking)
    {
        try
        {
            await Task.Delay(after, time, asking);
            if (!request.IsWithdrawn)
            {
                _inbox.Writer.TryWrite(new Answer(request, await inspector.InspectAsync(request.Partition, asking), Error: null));
            }
        }
        catch (OperationCanceledException) when (asking.IsCancellationRequested)
        {
        }
        catch (KafkaException error)
        {
            _inbox.Writer.TryWrite(new Answer(request, Facts: null, error));
        }
        catch (Exception error)
        {
            // An error of ours must end the worker, which nobody would notice here.
            _inbox.Writer.TryComplete(error);
        }
    }

    /// <summary>Claims, unless the group has taken the partition away meanwhile.</summary>
    private async Task ClaimAsync(ClaimRequest request, PartitionFacts facts, TopicInspector inspector, CancellationToken asking, CancellationToken abort)
    {
        if (request.IsWithdrawn)
        {
            return;
        }

        try
        {
            NpgsqlConnection connection = await ConnectAsync(abort);
            PartitionClaim claim = await claims.ClaimAsync(connection, request.Partition, facts, () => inspector.InspectAsync(request.Partition, abort), abort);
            _claims.RemoveAll(other => other.IsLost);
            _claims.Add(claim);
            Raise(new StoreEvent.Claimed(request, claim, facts.Latest));
            Worked();
            return;
        }
        catch (KafkaException error)
        {
            Report(error);
        }
        catch (Exception error) when (IsRetryable(error, abort))
        {
            await FailAsync(error, abort);
        }

        _ = AskAsync(request, inspector, request.Delay.Next(), asking);
    }

    private void Report(KafkaException error)
    {
        KafkaTrouble trouble = KafkaTrouble.From(error.Error, options.Kafka, "Read");
        counters.KafkaErrors.Count(trouble.Kind);
        _kafkaHealth.Report(trouble.Sentence, trouble.NeedsPerson);
    }

    private async Task StoreAsync(Decoded decoded, CancellationToken abort)
    {
        (RecordBatch batch, PreparedBatch prepared) = decoded;
        var stored = new Dictionary<PartitionClaim, long>();
        try
        {
            if (batch.DropLost() > 0)
            {
                await store.PrepareAsync(prepared, batch.Records.ToArray(), abort);
            }

            if (batch.Records.Count > 0)
            {
                NpgsqlConnection connection = await ConnectAsync(abort);
                long start = time.GetTimestamp();
                await foreach (BatchOutcome outcome in store.StoreAsync(connection, prepared, abort))
                {
                    counters.CountBatch(outcome);
                }

                counters.CountBatchTime(time.GetElapsedTime(start), batch.Records.Count);
                counters.SetCaches(store.Caches);
                _isStoreTroubled = false;
                Worked();
            }
        }
        catch (FencedException fenced)
        {
            LogFenced(fenced.Message);
            await store.ForgetAsync(abort);
            Lose(batch);
        }
        catch (Exception error) when (IsRetryable(error, abort))
        {
            _isStoreTroubled = true;
            await FailAsync(error, abort);
            Lose(batch);
            await Task.Delay(_delay.Next(), time, abort);
        }
        finally
        {
            store.Return(prepared);
            foreach (RawRecord record in batch.Records)
            {
                stored[record.Claim] = record.Claim.NextOffset;
            }

            Raise(new StoreEvent.BatchDone(batch, [.. stored.Select(move => (move.Key, move.Value))]));
        }
    }

    private void Raise(StoreEvent done)
    {
        Events.Enqueue(done);
        _eventRaised.Set();
    }

    /// <summary>Whatever of these partitions is still on its way was read under a claim that no longer counts.</summary>
    private static void Lose(RecordBatch batch)
    {
        foreach (RawRecord record in batch.Records)
        {
            record.Claim.Lose();
        }
    }

    /// <summary>Partitions and retention every hour; now and then a look whether topic and claims are still the same.</summary>
    private async Task DoChoresAsync(TopicInspector inspector, CancellationToken asking, CancellationToken abort)
    {
        try
        {
            if (IsDue(_checkedAt, _checkWait))
            {
                _checkedAt = time.GetTimestamp();
                _checkWait = CheckEvery;
                _ = CheckTopicAsync(inspector, asking);
                await CheckClaimsAsync(abort);
            }
        }
        catch (Exception error) when (IsRetryable(error, abort))
        {
            await FailAsync(error, abort);
        }

        if (IsDue(_maintainedAt, _maintenanceWait))
        {
            await MaintainAsync(abort);
        }
    }

    /// <summary>Where it cannot be done, records are stored all the same as long as their partitions are there.</summary>
    private async Task MaintainAsync(CancellationToken abort)
    {
        _maintainedAt = time.GetTimestamp();
        try
        {
            // The first day that was outside may be inside by now, and the other way round.
            await store.ForgetDaysAsync(abort);
            await Maintenance.RunAsync(await ConnectAsync(abort), logger, abort);
            _maintenanceWait = MaintenanceEvery;
            _maintenanceHealth.Recovered();
        }
        catch (Exception error) when (IsRetryable(error, abort))
        {
            _maintenanceWait = MaintenanceRetryAfter;
            PostgresTrouble trouble = await PostgresTrouble.FindAsync(error, options.Postgres, abort);
            counters.DatabaseErrors.Count(trouble.Kind);
            _maintenanceHealth.Report(trouble.Sentence, trouble.NeedsPerson);
            await DisconnectAsync();
        }
    }

    private bool IsDue(long? last, TimeSpan interval) => last is not { } at || time.GetElapsedTime(at) >= interval;

    /// <summary>
    /// A database that was replaced by an older copy of itself has forgotten records, and a partition on which nothing comes any more would never meet
    /// the compare-and-set that tells.
    /// </summary>
    private async Task CheckClaimsAsync(CancellationToken abort)
    {
        _claims.RemoveAll(claim => claim.IsLost);
        if (counters.PartitionsOwned == 0)
        {
            // Nothing is stored here that could prove it: a database that answers is all there is to know.
            _isStoreTroubled = false;
        }

        // Also without a claim, so that a sink that waits for partitions notices a database that went away.
        HashSet<PartitionClaim> held = await OffsetTable.HeldAsync(await ConnectAsync(abort), options.Sink.Group, options.Kafka.Topic, _claims, abort);
        foreach (PartitionClaim claim in _claims.Where(claim => !held.Contains(claim)))
        {
            LogClaimGone(claim.Partition.Topic, claim.Partition.Partition.Value);
            claim.Lose();
        }

        Worked();
    }

    /// <summary>A topic that was made again may go on at the very offset we wait for: only its id tells, and librdkafka does not ask. With every batch it is asked for anyhow; this is for topics on which nothing comes.</summary>
    private async Task CheckTopicAsync(TopicInspector inspector, CancellationToken asking)
    {
        try
        {
            if (await AskTopicAsync(inspector, asking) is { } error)
            {
                // The intake meets the same trouble and reports it; the next look is soon.
                LogTopicCheckFailed(error.Error.Reason);
            }
        }
        catch (OperationCanceledException) when (asking.IsCancellationRequested)
        {
        }
        catch (Exception error)
        {
            _inbox.Writer.TryComplete(error);
        }
    }

    private void LoseClaimsOnOthers(string topicId)
    {
        foreach (PartitionClaim claim in _claims.Where(claim => claim.TopicId != topicId))
        {
            claim.Lose();
        }
    }

    /// <summary>Whether waiting and trying again is all there is to do. An error under whatever name that took the connection along is a lost database.</summary>
    private bool IsRetryable(Exception error, CancellationToken abort) => error switch
    {
        FencedException => false,
        OperationCanceledException => !abort.IsCancellationRequested,
        _ => PostgresTrouble.IsRetryable(error) || _connection is { State: not ConnectionState.Open },
    };

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken abort) => _connection ??= await database.OpenConnectionAsync(abort);

    private async Task FailAsync(Exception error, CancellationToken abort)
    {
        PostgresTrouble trouble = await PostgresTrouble.FindAsync(error, options.Postgres, abort);
        counters.DatabaseErrors.Count(trouble.Kind);
        _health.Report(trouble.Sentence, trouble.NeedsPerson);

        // The next attempt gets a connection of its own: nobody knows in which state an error has left this one, nor whether the same database will answer.
        await DisconnectAsync();
        _checkWait = CheckAgainAfter;
    }

    private async Task DisconnectAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
            // Else the pool would hand the same session out again, with what the server had set for it when it began: read-only, perhaps.
            database.Clear();
        }
    }

    private void Worked()
    {
        if (_isStoreTroubled)
        {
            // A full disk takes claims and refuses frames: only a batch that is stored proves that the trouble is over.
            return;
        }

        _delay.Reset();
        _health.Recovered();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch was not stored and is read again: {Reason}")]
    private partial void LogFenced(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stopped before everything read was stored; whoever takes over reads it again")]
    private partial void LogAborted();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database no longer holds what this sink left in it: the partition is claimed anew and read on from where it says")]
    private partial void LogClaimGone(string topic, int partition);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The topic's id could not be read: {Reason}")]
    private partial void LogTopicCheckFailed(string reason);

    /// <summary>A batch that can be stored.</summary>
    private sealed record Decoded(RecordBatch Batch, PreparedBatch Prepared);

    /// <summary>What the brokers said of a partition that is to be claimed.</summary>
    private sealed record Answer(ClaimRequest Request, PartitionFacts? Facts, KafkaException? Error);

    /// <summary>The id of the topic of our name, as the brokers tell it now.</summary>
    private sealed record SeenTopic(string Id);

    /// <summary>They could not tell it.</summary>
    private sealed record UnseenTopic(KafkaException Error);
}
