using Hostwire.Kafka;
using Hostwire.Monitoring;
using Microsoft.Extensions.Logging;

namespace Hostwire.Agent;

/// <summary>Says once what keeps records from Kafka, once that it is over, and now and then that it lasts.</summary>
/// <remarks>
/// A connection that breaks and comes back within seconds is no event. So trouble that may pass by itself is reported only once records
/// have waited for a while; what somebody has to mend is reported at once.
/// </remarks>
internal sealed partial class DeliveryHealth(AgentCounters counters, ServiceState state, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ChangeAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RemindAfter = TimeSpan.FromMinutes(5);

    private static readonly KafkaTrouble Silence = new(
        KafkaTroubleKind.Unreachable, "Kafka has not acknowledged any record for a while, without an error: check that its brokers run.");

    private KafkaTrouble? _latest;
    private KafkaTrouble? _reported;
    private long _reportedAt;
    private long _troubledSince;
    private long? _waitingSince;

    /// <summary>What was found wrong last, since the last acknowledgement.</summary>
    public KafkaTrouble? Latest => _latest;

    /// <summary>When <see cref="Check"/> has to be called again at the latest; infinite while no record is on its way.</summary>
    public TimeSpan NextCheck => _waitingSince is null ? Timeout.InfiniteTimeSpan : Patience;

    /// <summary>A record is on its way, or back from a failed attempt.</summary>
    public void Waits() => _waitingSince ??= time.GetTimestamp();

    /// <summary>The broker took a record.</summary>
    /// <param name="othersWait">Whether other records are still on their way.</param>
    public void Acknowledged(bool othersWait)
    {
        Answered(othersWait);
        _latest = null;
        if (_reported is not null)
        {
            _reported = null;
            state.Mend(this);
            long seconds = (long)time.GetElapsedTime(_troubledSince).TotalSeconds;
            LogRecovered(seconds, counters.RecordsWaiting, counters.RecordsDropped);
        }
    }

    /// <summary>The broker answered, if only to refuse a record.</summary>
    /// <param name="othersWait">Whether other records are still on their way.</param>
    public void Answered(bool othersWait) => _waitingSince = othersWait ? time.GetTimestamp() : null;

    /// <summary>Something is wrong.</summary>
    public void Report(KafkaTrouble trouble)
    {
        _latest = KafkaTrouble.Telling(_latest, trouble);
        if (trouble.NeedsPerson)
        {
            Say(trouble);
        }
    }

    /// <summary>Reports what may have passed by itself and has not.</summary>
    public void Check()
    {
        if (_waitingSince is { } since && time.GetElapsedTime(since) >= Patience)
        {
            Say(_latest ?? Silence);
        }
    }

    private void Say(KafkaTrouble trouble)
    {
        state.Trouble(this, trouble.Sentence);
        if (_reported is null)
        {
            _troubledSince = time.GetTimestamp();
        }
        else if (time.GetElapsedTime(_reportedAt) < (trouble.Kind == _reported.Kind ? RemindAfter : ChangeAfter))
        {
            return;
        }

        _reported = trouble;
        _reportedAt = time.GetTimestamp();
        LogTrouble(trouble.NeedsPerson ? LogLevel.Error : LogLevel.Warning, trouble.Sentence, counters.RecordsWaiting, counters.RecordsDropped);
    }

    [LoggerMessage(Message = "{Trouble} Trying again until it works; waiting records: {Waiting}, dropped so far: {Dropped}")]
    private partial void LogTrouble(LogLevel level, string trouble, long waiting, long dropped);

    [LoggerMessage(Level = LogLevel.Information, Message = "Kafka takes records again after {Seconds} s; waiting records: {Waiting}, dropped so far: {Dropped}")]
    private partial void LogRecovered(long seconds, long waiting, long dropped);
}
