using System.Threading.Channels;
using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;
using Hostwire.Monitoring;
using Microsoft.Extensions.Logging;

namespace Hostwire.Agent;

/// <summary>Takes records from the queue to Kafka, in order, and out of the queue when the broker has acknowledged them.</summary>
/// <remarks>
/// One loop owns all state; what the producer's threads have to say reaches it as events. What becomes of a record that was not taken:
/// <list type="bullet">
/// <item>A producer that died of a fatal error is replaced, and all that it had not brought home is sent again.</item>
/// <item>Where the record itself may be at fault (too large, a time the broker refuses) the whole batch came back: each is sent again
/// alone. The one that is refused again is halved if it is too large, else dropped and counted.</item>
/// <item>Everything else is Kafka's trouble: the record goes back to its place and is sent again, after a while, for ever.</item>
/// </list>
/// With other settings another producer takes over, once what is on its way has arrived or had its time.
/// </remarks>
internal sealed partial class RecordPublisher
{
    /// <summary>How many records the producer may have at a time: enough to fill its batches, few enough that nearly all wait in the queue.</summary>
    public const int RecordsOnTheirWayMax = 256;

    /// <summary>How many bytes the producer may have at a time at most, unless it is one single record.</summary>
    public const int BytesOnTheirWayMax = 4 * 1024 * 1024;

    // What is on its way cannot be dropped any more. Were it all that may wait, then what is measured next would be dropped instead of the oldest.
    private const int ShareOnItsWay = 4;

    // An idle loop comes round all the same, to show that it is alive; and how long it may take when it is not: librdkafka's threads may be deep in a look-up of a name.
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RoundMax = TimeSpan.FromMinutes(5);

    // How long a producer that is to be replaced may take to bring home what is on its way; then it is sent again by the new one.
    private static readonly TimeSpan HandOverMax = TimeSpan.FromSeconds(2);

    private readonly IRecordQueue _queue;
    private readonly long _bytesOnTheirWayMax;
    private readonly AgentCounters _counters;
    private readonly DeliveryHealth _health;
    private readonly Pulse _pulse;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Channel<PublisherEvent> _events = Channel.CreateUnbounded<PublisherEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<QueuedRecord> _onTheirWay = [];
    private readonly RetryDelay _retryDelay = new();
    private Func<SenderEvents, IRecordSender> _createSender;
    private KafkaOptions _options;
    private IRecordSender? _sender;
    private int _senderNumber;
    private int _lastNumber;
    private Successor? _successor;
    private volatile Renewal? _renewal;
    private long _bytesOnTheirWay;
    private bool _suspectOnItsWay;
    private bool _senderIsDead;
    private bool _recordFaultLogged;
    private bool _isProbing;
    private long _failedAt;
    private TimeSpan _retryAfter;
    private volatile bool _isComplete;

    public RecordPublisher(
        IRecordQueue queue, long bytesWaitingMax, Func<SenderEvents, IRecordSender> createSender, KafkaOptions options, AgentCounters counters, ServiceState state, ILogger logger, TimeProvider time)
    {
        _queue = queue;
        _bytesOnTheirWayMax = long.Min(BytesOnTheirWayMax, bytesWaitingMax / ShareOnItsWay);
        _createSender = createSender;
        _options = options;
        _counters = counters;
        _health = new DeliveryHealth(counters, state, logger, time);
        _pulse = state.Begin("sending of records", RoundMax);
        _logger = logger;
        _time = time;
        (_sender, _senderNumber) = NewSender(createSender);
        _queue.Ready = Wake;
    }

    /// <summary>What keeps records from Kafka, as far as is known.</summary>
    public KafkaTrouble? Trouble => _health.Latest;

    /// <summary>There may be something to do.</summary>
    public void Wake() => _events.Writer.TryWrite(default);

    /// <summary>No more records will be queued: the publisher ends when the queue is empty.</summary>
    public void Complete()
    {
        _isComplete = true;
        Wake();
    }

    /// <summary>Goes on with another producer; ends once it has taken over.</summary>
    /// <param name="createSender">Makes it, and those after it.</param>
    /// <param name="options">How it reaches Kafka, for messages.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UserException">It cannot be made: the one there is goes on.</exception>
    public async Task RenewAsync(Func<SenderEvents, IRecordSender> createSender, KafkaOptions options, CancellationToken cancellationToken)
    {
        var renewal = new Renewal(createSender, options);
        _renewal = renewal;
        Wake();
        await renewal.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Publishes until the queue is empty after <see cref="Complete"/>, or until it is told to give up; what was not acknowledged by then stays in the queue.</summary>
    public async Task RunAsync(CancellationToken givingUp)
    {
        while (!givingUp.IsCancellationRequested)
        {
            _pulse.Beat();
            HandleEvents();
            _health.Check();
            PrepareSuccessor();
            await HandOverAsync();
            await ReplaceDeadSenderAsync();
            SendWhatMayGo();
            if (_isComplete && _queue.Count == 0)
            {
                break;
            }

            await WaitAsync(givingUp);
        }

        // What was acknowledged up to the last moment is not to be reported as unsent.
        _successor?.Sender.Dispose();
        await DisposeSenderAsync();
        HandleEvents();
        _pulse.Rest();
    }

    private (IRecordSender Sender, int Number) NewSender(Func<SenderEvents, IRecordSender> create)
    {
        int number = ++_lastNumber;
        IRecordSender sender = create(new SenderEvents(
            (record, error) => _events.Writer.TryWrite(new PublisherEvent(number, record, error)),
            error => _events.Writer.TryWrite(new PublisherEvent(number, null, error))));
        return (sender, number);
    }

    /// <summary>Makes the producer that is to take over, before the one there is ends: settings that it cannot be made with change nothing.</summary>
    private void PrepareSuccessor()
    {
        if (_renewal is not { } renewal || _successor is not null)
        {
            return;
        }

        _renewal = null;
        try
        {
            (IRecordSender sender, int number) = NewSender(renewal.CreateSender);
            _successor = new Successor(renewal, sender, number, _time.GetTimestamp());
        }
        catch (UserException error)
        {
            renewal.Done.TrySetException(error);
        }
    }

    private async Task HandOverAsync()
    {
        if (_successor is not { } successor || (_sender is not null && !_senderIsDead && _onTheirWay.Count > 0 && HandOverLeft > TimeSpan.Zero))
        {
            return;
        }

        _successor = null;
        await DisposeSenderAsync();

        // What was acknowledged up to its end need not be sent again.
        HandleEvents();
        ReturnAll();
        (_sender, _senderNumber) = (successor.Sender, successor.Number);
        (_createSender, _options) = (successor.Renewal.CreateSender, successor.Renewal.Options);
        (_senderIsDead, _recordFaultLogged, _isProbing, _retryAfter) = (false, false, false, TimeSpan.Zero);
        successor.Renewal.Done.TrySetResult();
    }

    private TimeSpan HandOverLeft => _successor is { } successor ? HandOverMax - _time.GetElapsedTime(successor.Since) : TimeSpan.MaxValue;

    private void HandleEvents()
    {
        while (_events.Reader.TryRead(out PublisherEvent happened))
        {
            Handle(happened);
        }
    }

    private void Handle(PublisherEvent happened)
    {
        if (happened.Error is not { } error || happened.Sender != _senderNumber)
        {
            return;
        }

        if (happened.Record is { } record)
        {
            HandleSent(record, error);
        }
        else
        {
            _senderIsDead |= IsFatal(error);
            KafkaTrouble trouble = happened.Seen ?? Explain(error);
            if (trouble.IsWorthALook && happened.Seen is null)
            {
                _ = LookCloserAsync(happened, trouble, _options);
                return;
            }

            _health.Report(trouble);
        }
    }

    /// <summary>Comes back as an event, since looking takes time and the loop has none.</summary>
    private async Task LookCloserAsync(PublisherEvent happened, KafkaTrouble trouble, KafkaOptions options) =>
        _events.Writer.TryWrite(happened with { Seen = await trouble.LookCloserAsync(options) });

    private void HandleSent(QueuedRecord record, Error error)
    {
        _onTheirWay.Remove(record);
        _bytesOnTheirWay -= record.Value.Length;
        _suspectOnItsWay &= !record.IsSuspect;
        if (!error.IsError)
        {
            _queue.Acknowledge(record);
            _counters.CountAcknowledgement(_time.GetElapsedTime(record.SentAt));
            _health.Acknowledged(othersWait: _onTheirWay.Count > 0);
            _retryDelay.Reset();
            _isProbing = false;
        }
        else if (IsFatal(error))
        {
            _queue.Return(record);
            _senderIsDead = true;
        }
        else if (!MayBeRecordsFault(error.Code))
        {
            _queue.Return(record);
            _health.Report(Explain(error));
            RetryLater();

            // librdkafka keeps in mind that a topic was forbidden and asks again only every few minutes; a new producer asks at once.
            _senderIsDead |= error.Code == ErrorCode.TopicAuthorizationFailed;
        }
        else
        {
            HandleRefused(record, error);
        }
    }

    private void HandleRefused(QueuedRecord record, Error error)
    {
        _health.Answered(othersWait: _onTheirWay.Count > 0);
        if (!record.IsSuspect)
        {
            record.IsSuspect = true;
            _queue.Return(record);
        }
        else if (IsTooLarge(error.Code) && RecordSplitter.TrySplit(record.Value, out byte[]? first, out byte[]? second))
        {
            _queue.Split(record, first, second);
        }
        else
        {
            _queue.Drop(record, error.Reason);
            if (!_recordFaultLogged)
            {
                _recordFaultLogged = true;
                LogRefused(_options.Topic, record.Value.Length, error.Reason);
            }
        }
    }

    private void SendWhatMayGo()
    {
        while (_sender is not null && _successor is null && !_senderIsDead && RetryLeft == TimeSpan.Zero && _queue.Take() is { } record)
        {
            bool fits = _onTheirWay.Count < RecordsOnTheirWayMax && _bytesOnTheirWay + record.Value.Length <= _bytesOnTheirWayMax;
            bool mustBeAlone = record.IsSuspect || _suspectOnItsWay || _isProbing;
            if (_onTheirWay.Count > 0 && (!fits || mustBeAlone))
            {
                _queue.Return(record);
                return;
            }

            _onTheirWay.Add(record);
            _bytesOnTheirWay += record.Value.Length;
            _suspectOnItsWay = record.IsSuspect;
            _health.Waits();
            record.SentAt = _time.GetTimestamp();
            _sender.Send(record);
        }
    }

    private async Task ReplaceDeadSenderAsync()
    {
        if (_senderIsDead)
        {
            _senderIsDead = false;
            _counters.CountProducerRenewed();
            await DisposeSenderAsync();
            RetryLater();

            ReturnAll();
        }

        if (_sender is null && RetryLeft == TimeSpan.Zero)
        {
            try
            {
                (_sender, _senderNumber) = NewSender(_createSender);
            }
            catch (UserException error)
            {
                // The settings were good at the start, so it is a file that is gone or half written: a certificate that is being renewed.
                LogNoSender(error.Message);
                RetryLater();
            }
        }
    }

    /// <summary>What the producer has not brought home is to be sent again. Whatever it may yet say is void.</summary>
    private void ReturnAll()
    {
        _senderNumber = 0;
        foreach (QueuedRecord record in _onTheirWay)
        {
            _queue.Return(record);
        }

        _onTheirWay.Clear();
        _bytesOnTheirWay = 0;
        _suspectOnItsWay = false;
    }

    private async Task DisposeSenderAsync()
    {
        if (_sender is { } sender)
        {
            _sender = null;

            // librdkafka joins its threads, which may be in the middle of a look-up of a name.
            await Task.Run(sender.Dispose, CancellationToken.None);
        }
    }

    /// <summary>How long nothing is sent after a failure.</summary>
    private TimeSpan RetryLeft
    {
        get
        {
            TimeSpan left = _retryAfter - _time.GetElapsedTime(_failedAt);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private void RetryLater()
    {
        // Of the records that fail together the first sets the time. Then one goes ahead to find out whether it works again.
        if (RetryLeft == TimeSpan.Zero)
        {
            _failedAt = _time.GetTimestamp();
            _retryAfter = _retryDelay.Next();
            _isProbing = true;
        }
    }

    private async Task WaitAsync(CancellationToken givingUp)
    {
        TimeSpan retryLeft = RetryLeft;
        TimeSpan wait = retryLeft > TimeSpan.Zero && retryLeft < WaitMax ? TimeSpan.FromMilliseconds(Math.Ceiling(retryLeft.TotalMilliseconds)) : WaitMax;
        if (_health.NextCheck is var check && check != Timeout.InfiniteTimeSpan && check < wait)
        {
            wait = check;
        }

        if (HandOverLeft is var left && left < wait)
        {
            wait = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, left.TotalMilliseconds)));
        }

        using var waited = new CancellationTokenSource(wait, _time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(givingUp, waited.Token);
        Task happens = _events.Reader.WaitToReadAsync(ended.Token).AsTask();
        await happens.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Counts the error, and says it in words.</summary>
    private KafkaTrouble Explain(Error error)
    {
        KafkaTrouble trouble = KafkaTrouble.From(error, _options, right: "Write");
        _counters.KafkaErrors.Count(trouble.Kind);
        return trouble;
    }

    private static bool IsTooLarge(ErrorCode code) => code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidMsgSize;

    private static bool IsFatal(Error error) => error.IsFatal || error.Code == ErrorCode.Local_Fatal;

    /// <summary>Refusals that another record might not have met. Also of good records that were in one batch with a bad one.</summary>
    private static bool MayBeRecordsFault(ErrorCode code) =>
        IsTooLarge(code) || code is ErrorCode.InvalidTimestamp or ErrorCode.InvalidRecord or ErrorCode.Local_InvalidDifferentRecord;

    /// <summary>The wish for another producer.</summary>
    private sealed record Renewal(Func<SenderEvents, IRecordSender> CreateSender, KafkaOptions Options)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A producer that is to take over.</summary>
    private sealed record Successor(Renewal Renewal, IRecordSender Sender, int Number, long Since);

    [LoggerMessage(Level = LogLevel.Error, Message = "Kafka refuses a record for topic {Topic} ({Bytes} bytes: {Reason}): it is dropped and counted, as are others like it; check the topic's max.message.bytes")]
    private partial void LogRefused(string topic, int bytes, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The Kafka client cannot be started again: {Reason} Trying again until it works")]
    private partial void LogNoSender(string reason);
}
