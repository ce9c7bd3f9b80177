using System.Threading.Channels;
using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;
using Hostwire.Simulation.Ledger;
using Microsoft.Extensions.Logging;

namespace Hostwire.Simulation;

/// <summary>Brings records to Kafka and writes into the ledger what became of each. Used by one loop; what the producer's threads say reaches it as events.</summary>
/// <remarks>
/// A record stays here until it is acknowledged. One that fails for Kafka's sake is sent again, by a new producer if the old one died; one that
/// Kafka refuses for its own sake is put down as refused.
/// </remarks>
internal sealed partial class FleetPublisher(
    Func<Action<SimulatedRecord?, Error, int, long>, IFleetSender> createSender, KafkaOptions options, LedgerWriter? ledger, SimulationCounters counters, ILogger logger, TimeProvider time)
    : IAsyncDisposable
{
    /// <summary>How many records may be on their way.</summary>
    public const int RecordsOnTheirWayMax = 8192;

    /// <summary>How many bytes may be on their way: enough to fill the batches of every partition of a fast broker.</summary>
    public const int BytesOnTheirWayMax = 32 * 1024 * 1024;

    // Whoever cannot reach Kafka at all is told so; later, when it has worked once, it is waited for.
    private static readonly TimeSpan FirstContactMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DisposeMax = TimeSpan.FromSeconds(5);

    private readonly Channel<FleetEvent> _events = Channel.CreateUnbounded<FleetEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<SimulatedRecord> _onTheirWay = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<SimulatedRecord> _again = [];
    private readonly RetryDelay _retryDelay = new();
    private readonly RecordBuffers _buffers = new();
    private readonly long _startedAt = time.GetTimestamp();
    private IFleetSender? _sender;
    private int _senderNumber;
    private long _bytesOnTheirWay;
    private bool _senderIsDead;
    private long _failedAt;
    private TimeSpan _retryAfter;
    private KafkaTrouble? _trouble;
    private KafkaTrouble? _told;

    /// <summary>Records that are not acknowledged yet.</summary>
    public int Waiting => _onTheirWay.Count + _again.Count;

    /// <summary>A copy of a record's bytes, in an array of a record that has arrived where there is one.</summary>
    public byte[] Copy(ReadOnlySpan<byte> value) => _buffers.Copy(value);

    /// <summary>Waits until another record may be sent.</summary>
    /// <exception cref="UserException">Kafka has not been reached at all, or the ledger cannot be written.</exception>
    public async ValueTask WaitForRoomAsync(CancellationToken stopping)
    {
        HandleEvents();
        while (_senderIsDead || _again.Count > 0 || !HasRoom)
        {
            await WaitAsync(Timeout.InfiniteTimeSpan, stopping);
        }
    }

    /// <summary>Sends a record. From here on it is either acknowledged or, at the end, in the ledger as one that is not.</summary>
    public void Send(SimulatedRecord record)
    {
        _sender ??= NewSender();
        _onTheirWay.Add(record);
        _bytesOnTheirWay += record.Value.Length;
        _sender.Send(record);
    }

    /// <summary>Waits for a time, or until something has happened, and deals with it.</summary>
    /// <exception cref="UserException">Kafka has not been reached at all, or the ledger cannot be written.</exception>
    public async Task WaitAsync(TimeSpan wait, CancellationToken stopping)
    {
        stopping.ThrowIfCancellationRequested();
        TimeSpan look = RetryLeft > TimeSpan.Zero ? RetryLeft : FirstContactMax / 4;
        wait = wait == Timeout.InfiniteTimeSpan || look < wait ? look : wait;
        using var waited = new CancellationTokenSource(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, waited.Token);
        Task happens = _events.Reader.WaitToReadAsync(ended.Token).AsTask();
        await happens.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        HandleEvents();
        await RecoverAsync();
        GiveUpWithoutContact();
    }

    /// <summary>Ends the producer; nothing is sent from here on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_sender is { } sender)
        {
            _sender = null;
            try
            {
                // librdkafka joins its threads, which may be in the middle of a look-up of a name.
                await Task.Run(sender.Dispose, CancellationToken.None).WaitAsync(DisposeMax, time, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                LogClientHangs(DisposeMax.TotalSeconds);
            }
        }

        // What was acknowledged up to the last moment is in the ledger as such.
        HandleEvents();
    }

    /// <summary>Writes what nobody knows about into the ledger: it may be on the topic, or not.</summary>
    public void WriteUnacknowledged()
    {
        foreach (SimulatedRecord record in _onTheirWay.Concat(_again))
        {
            ledger?.WriteUnacknowledged(record, "not acknowledged when the run ended");
        }
    }

    private bool HasRoom => _onTheirWay.Count < RecordsOnTheirWayMax && _bytesOnTheirWay < BytesOnTheirWayMax;

    private IFleetSender NewSender()
    {
        int number = ++_senderNumber;
        return createSender((record, error, partition, offset) => _events.Writer.TryWrite(new FleetEvent(number, record, error, partition, offset)));
    }

    private void HandleEvents()
    {
        while (_events.Reader.TryRead(out FleetEvent happened))
        {
            if (happened.Sender == _senderNumber)
            {
                Handle(happened);
            }
        }
    }

    private void Handle(in FleetEvent happened)
    {
        if (happened.Record is not { } record)
        {
            _senderIsDead |= IsFatal(happened.Error);
            KafkaTrouble trouble = happened.Seen ?? KafkaTrouble.From(happened.Error, options, right: "Write");
            if (trouble.IsWorthALook && happened.Seen is null)
            {
                _ = LookCloserAsync(happened, trouble);
                return;
            }

            Report(trouble);
            return;
        }

        _onTheirWay.Remove(record);
        _bytesOnTheirWay -= record.Value.Length;
        if (!happened.Error.IsError)
        {
            counters.RecordsAcknowledged++;
            counters.PointsAcknowledged += record.Points;
            ledger?.WriteAcknowledged(record, happened.Partition, happened.Offset);
            _buffers.Return(record.Value);
            Recovered();
        }
        else if (IsRecordsFault(happened.Error.Code))
        {
            counters.RecordsRefused++;
            ledger?.WriteUnacknowledged(record, $"refused: {happened.Error.Reason}");
            if (counters.RecordsRefused == 1)
            {
                LogRefused(options.Topic, record.Value.Length, happened.Error.Reason);
            }
        }
        else
        {
            _again.Enqueue(record);

            // librdkafka keeps in mind that a topic was forbidden and asks again only every few minutes; a new producer asks at once.
            _senderIsDead |= IsFatal(happened.Error) || happened.Error.Code == ErrorCode.TopicAuthorizationFailed;
            Report(KafkaTrouble.From(happened.Error, options, right: "Write"));
            RetryLater();
        }
    }

    /// <summary>Comes back as an event, since looking takes time and the loop has none.</summary>
    private async Task LookCloserAsync(FleetEvent happened, KafkaTrouble trouble) =>
        _events.Writer.TryWrite(happened with { Seen = await trouble.LookCloserAsync(options) });

    private async Task RecoverAsync()
    {
        if (_senderIsDead && _sender is { } dead)
        {
            _senderIsDead = false;
            _sender = null;
            await Task.Run(dead.Dispose, CancellationToken.None);

            // What it may still have to say is void: its records are sent again. The sink knows a record that comes twice.
            HandleEvents();
            _senderNumber++;
            foreach (SimulatedRecord record in _onTheirWay)
            {
                _again.Enqueue(record);
            }

            _onTheirWay.Clear();
            _bytesOnTheirWay = 0;
            RetryLater();
        }

        while (RetryLeft == TimeSpan.Zero && HasRoom && _again.TryDequeue(out SimulatedRecord? next))
        {
            counters.RecordsResent++;
            Send(next);
        }
    }

    private TimeSpan RetryLeft
    {
        get
        {
            TimeSpan left = _retryAfter - time.GetElapsedTime(_failedAt);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private void RetryLater()
    {
        if (RetryLeft == TimeSpan.Zero)
        {
            _failedAt = time.GetTimestamp();
            _retryAfter = _retryDelay.Next();
        }
    }

    private void Report(KafkaTrouble trouble)
    {
        _trouble = KafkaTrouble.Telling(_trouble, trouble);
        if (counters.RecordsAcknowledged > 0 && _trouble.Kind != _told?.Kind)
        {
            _told = _trouble;
            LogTrouble(_trouble.Sentence, Waiting);
        }
    }

    private void Recovered()
    {
        _trouble = null;
        _retryDelay.Reset();
        if (_told is not null)
        {
            _told = null;
            LogRecovered(Waiting);
        }
    }

    private void GiveUpWithoutContact()
    {
        bool isLate = time.GetElapsedTime(_startedAt) > FirstContactMax;
        if (counters.RecordsAcknowledged == 0 && Waiting > 0 && (isLate || _trouble is { NeedsPerson: true }))
        {
            throw new UserException(_trouble?.Sentence ?? $"Kafka at {options.BootstrapServers} has not taken a record of topic {options.Topic} for {FirstContactMax.TotalSeconds:0} s: look at the topic with `hostwire topic describe`.");
        }
    }

    private static bool IsFatal(Error error) => error.IsFatal || error.Code == ErrorCode.Local_Fatal;

    private static bool IsRecordsFault(ErrorCode code) => code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidMsgSize
        or ErrorCode.InvalidTimestamp or ErrorCode.InvalidRecord or ErrorCode.Local_InvalidDifferentRecord;

    [LoggerMessage(Level = LogLevel.Error, Message = "Kafka refuses a record for topic {Topic} ({Bytes} bytes: {Reason}): it is in the ledger as refused, as are others like it; check the topic's max.message.bytes")]
    private partial void LogRefused(string topic, int bytes, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Trouble} Trying again until it works; waiting records: {Waiting}")]
    private partial void LogTrouble(string trouble, int waiting);

    [LoggerMessage(Level = LogLevel.Information, Message = "Kafka takes records again; waiting records: {Waiting}")]
    private partial void LogRecovered(int waiting);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Kafka client has not closed its connections within {Seconds} s; ending without it")]
    private partial void LogClientHangs(double seconds);
}
