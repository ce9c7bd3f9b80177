using System.Collections.Concurrent;
using System.Threading.Channels;
using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;
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
    HostwireOptions options, NpgsqlDataSource database, BatchStore store, ClaimStore claims, SinkCounters counters, ILogger logger, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan MaintenanceEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan TopicCheckEvery = TimeSpan.FromSeconds(30);

    private readonly Channel<object> _inbox = Channel.CreateUnbounded<object>(new() { SingleReader = true });
    private readonly SinkHealth _health = new("PostgreSQL", logger, time);
    private readonly RetryDelay _delay = new();
    private readonly List<PartitionClaim> _claims = [];
    private NpgsqlConnection? _connection;
    private long? _maintainedAt;
    private long? _topicCheckedAt;

    private readonly AutoResetEvent _eventRaised = new(initialState: false);

    /// <summary>What has been done, for the intake.</summary>
    public ConcurrentQueue<StoreEvent> Events { get; } = new();

    /// <summary>Blocks the intake until something has been done, or the time is over.</summary>
    public void WaitForEvent(TimeSpan atMost) => _eventRaised.WaitOne(atMost);

    /// <summary>Asks for a claim. The answer is an event.</summary>
    public void Post(ClaimRequest request) => _inbox.Writer.TryWrite(request);

    /// <summary>Hands a batch over. The answer is an event. The intake keeps the number of batches under way small.</summary>
    public void Post(RecordBatch batch) => _inbox.Writer.TryWrite(batch);

    /// <summary>Nothing more will come; <see cref="RunAsync"/> ends once everything is done.</summary>
    public void Complete() => _inbox.Writer.TryComplete();

    /// <inheritdoc/>
    public void Dispose() => _eventRaised.Dispose();

    /// <summary>Works until <see cref="Complete"/>, or until <paramref name="abort"/>, which leaves what is unfinished to whoever reads it again.</summary>
    public async Task RunAsync(TopicInspector inspector, CancellationToken abort)
    {
        try
        {
            while (true)
            {
                while (_inbox.Reader.TryRead(out object? item))
                {
                    await HandleAsync(item, inspector, abort);
                    await DoChoresAsync(inspector, abort);
                }

                if (!await WaitAsync(abort))
                {
                    return;
                }

                await DoChoresAsync(inspector, abort);
            }
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            LogAborted();
        }
        finally
        {
            await DisconnectAsync();
        }
    }

    /// <summary>Waits for work, or for the time of the next chore; false when nothing more will come.</summary>
    private async Task<bool> WaitAsync(CancellationToken abort)
    {
        using var chore = CancellationTokenSource.CreateLinkedTokenSource(abort);
        chore.CancelAfter(TopicCheckEvery);
        try
        {
            return await _inbox.Reader.WaitToReadAsync(chore.Token);
        }
        catch (OperationCanceledException) when (!abort.IsCancellationRequested)
        {
            return true;
        }
    }

    private Task HandleAsync(object item, TopicInspector inspector, CancellationToken abort) => item switch
    {
        ClaimRequest request => ClaimAsync(request, inspector, abort),
        RecordBatch batch => StoreAsync(batch, abort),
        _ => throw new InvalidOperationException($"{item} is no work for the store."),
    };

    /// <summary>Claims, however long it takes, unless the group takes the partition away.</summary>
    private async Task ClaimAsync(ClaimRequest request, TopicInspector inspector, CancellationToken abort)
    {
        while (!request.IsWithdrawn)
        {
            try
            {
                PartitionFacts facts = (await inspector.InspectAsync([request.Partition]))[request.Partition];
                NpgsqlConnection connection = await ConnectAsync(abort);
                PartitionClaim claim = await claims.ClaimAsync(connection, request.Partition, facts, abort);
                _claims.RemoveAll(other => other.IsLost);
                _claims.Add(claim);
                Raise(new StoreEvent.Claimed(request, claim));
                Worked();
                return;
            }
            catch (KafkaException error)
            {
                KafkaTrouble trouble = KafkaTrouble.From(error.Error, options.Kafka, "Read");
                _health.Report(trouble.Sentence, trouble.NeedsPerson);
            }
            catch (Exception error) when (PostgresTrouble.IsRetryable(error))
            {
                await FailAsync(error);
            }

            await Task.Delay(_delay.Next(), time, abort);
        }
    }

    private async Task StoreAsync(RecordBatch batch, CancellationToken abort)
    {
        var stored = new Dictionary<PartitionClaim, long>();
        try
        {
            batch.DropLost();
            if (batch.Records.Count > 0)
            {
                NpgsqlConnection connection = await ConnectAsync(abort);
                await foreach (BatchOutcome outcome in store.StoreAsync(connection, batch.Records.ToArray(), abort))
                {
                    counters.CountBatch(outcome);
                }

                Worked();
            }
        }
        catch (FencedException fenced)
        {
            LogFenced(fenced.Message);
            store.Forget();
            Lose(batch);
        }
        catch (Exception error) when (PostgresTrouble.IsRetryable(error))
        {
            await FailAsync(error);
            Lose(batch);
            await Task.Delay(_delay.Next(), time, abort);
        }
        finally
        {
            foreach (RawRecord record in batch.Records)
            {
                stored[record.Claim] = record.Claim.NextOffset;
            }

            Raise(new StoreEvent.BatchDone([.. stored.Select(move => (move.Key, move.Value))]));
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

    /// <summary>Partitions and retention every hour, and now and then a look whether the topic is still the same one.</summary>
    private async Task DoChoresAsync(TopicInspector inspector, CancellationToken abort)
    {
        if (IsDue(_topicCheckedAt, TopicCheckEvery))
        {
            _topicCheckedAt = time.GetTimestamp();
            await CheckTopicAsync(inspector);
        }

        if (IsDue(_maintainedAt, MaintenanceEvery))
        {
            _maintainedAt = time.GetTimestamp();
            try
            {
                // The first day that was outside may be inside by now, and the other way round.
                store.ForgetDays();
                await Maintenance.RunAsync(await ConnectAsync(abort), logger, abort);
            }
            catch (Exception error) when (PostgresTrouble.IsRetryable(error))
            {
                await FailAsync(error);
                _maintainedAt = null;
                await Task.Delay(_delay.Next(), time, abort);
            }
        }
    }

    private bool IsDue(long? last, TimeSpan interval) => last is not { } at || time.GetElapsedTime(at) >= interval;

    /// <summary>A topic that was made again may go on at the very offset we wait for: only its id tells, and librdkafka does not ask.</summary>
    private async Task CheckTopicAsync(TopicInspector inspector)
    {
        _claims.RemoveAll(claim => claim.IsLost);
        if (_claims.Count == 0)
        {
            return;
        }

        try
        {
            string topicId = await inspector.TopicIdAsync();
            foreach (PartitionClaim claim in _claims.Where(claim => claim.TopicId != topicId))
            {
                claim.Lose();
            }
        }
        catch (KafkaException error)
        {
            // The intake meets the same trouble and reports it; the next look is soon.
            LogTopicCheckFailed(error.Error.Reason);
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken abort) => _connection ??= await database.OpenConnectionAsync(abort);

    private async Task FailAsync(Exception error)
    {
        PostgresTrouble trouble = PostgresTrouble.From(error, options.Postgres);
        _health.Report(trouble.Sentence, trouble.NeedsPerson);

        // The next attempt gets a connection of its own: nobody knows in which state an error has left this one.
        await DisconnectAsync();
    }

    private async Task DisconnectAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private void Worked()
    {
        _delay.Reset();
        _health.Recovered();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch was not stored and is read again: {Reason}")]
    private partial void LogFenced(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stopped before everything read was stored; whoever takes over reads it again")]
    private partial void LogAborted();

    [LoggerMessage(Level = LogLevel.Debug, Message = "The topic's id could not be read: {Reason}")]
    private partial void LogTopicCheckFailed(string reason);
}
