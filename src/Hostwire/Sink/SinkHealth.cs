using Hostwire.Monitoring;
using Microsoft.Extensions.Logging;

namespace Hostwire.Sink;

/// <summary>Says once what keeps records from being stored, once that it is over, and now and then that it lasts. For one dependency; used by one thread.</summary>
/// <param name="dependency">Its name, for people.</param>
/// <param name="state">Is told at once, each time; null where records are stored all the same.</param>
/// <param name="logger">Is told when it is news.</param>
/// <param name="time">The clock.</param>
internal sealed partial class SinkHealth(string dependency, ServiceState? state, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan RemindAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ChangeAfter = TimeSpan.FromSeconds(10);

    // Beyond this many different sentences of one trouble a new one is taken for an old one.
    private const int SentencesMax = 16;

    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private long _reportedAt;
    private long _troubledSince;

    /// <summary>Something is wrong, and is being tried again.</summary>
    public void Report(string sentence, bool needsPerson)
    {
        state?.Trouble(this, sentence);
        if (_reported.Count == 0)
        {
            _troubledSince = time.GetTimestamp();
        }
        else
        {
            // One outage has several faces (refused, hung up, timed out) that come in turns: each is told once. Of what a person has to mend the client may speak once only.
            bool isOld = _reported.Contains(sentence) || _reported.Count >= SentencesMax;
            TimeSpan wait = isOld ? RemindAfter : needsPerson ? TimeSpan.Zero : ChangeAfter;
            if (time.GetElapsedTime(_reportedAt) < wait)
            {
                return;
            }
        }

        _reported.Add(sentence);
        _reportedAt = time.GetTimestamp();
        LogTrouble(needsPerson ? LogLevel.Error : LogLevel.Warning, sentence);
    }

    /// <summary>It works.</summary>
    public void Recovered()
    {
        if (_reported.Count > 0)
        {
            _reported.Clear();
            state?.Mend(this);
            LogRecovered(dependency, (long)time.GetElapsedTime(_troubledSince).TotalSeconds);
        }
    }

    [LoggerMessage(Message = "{Trouble} Nothing is lost; trying again until it works")]
    private partial void LogTrouble(LogLevel level, string trouble);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Dependency} works again after {Seconds} s")]
    private partial void LogRecovered(string dependency, long seconds);
}
