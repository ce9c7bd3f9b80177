using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Hostwire.Kafka;

/// <summary>Takes librdkafka's own log lines into ours. What it also reports as an error is for debugging only; of the rest, one line of a kind a minute.</summary>
public sealed partial class LibrdkafkaLog(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMinutes(1);

    // By facility: librdkafka's word for the place that logs, of which there are a few dozen.
    private readonly ConcurrentDictionary<string, long> _lastLogged = new(StringComparer.Ordinal);

    /// <summary>Logs one line; fit to be a client's log handler. Called by librdkafka's threads, so it must not throw.</summary>
    public void Handle(LogMessage line)
    {
        LogLevel level = LevelOf(line);
        if (level > LogLevel.Debug && IsRepeated(line.Facility))
        {
            level = LogLevel.Debug;
        }

        Log(level, line.Facility, line.Message);
    }

    private static LogLevel LevelOf(LogMessage line) => line.Facility switch
    {
        // The error handler gets each of these too, and says it in words for people.
        "FAIL" or "ERROR" or "FATAL" or "GETPID" or "REQTMOUT" or "TERMINATE" => LogLevel.Debug,
        _ => line.Level switch
        {
            <= SyslogLevel.Error => LogLevel.Error,
            SyslogLevel.Warning => LogLevel.Warning,
            _ => LogLevel.Debug,
        },
    };

    private bool IsRepeated(string facility)
    {
        long now = time.GetTimestamp();
        if (_lastLogged.TryGetValue(facility, out long last) && time.GetElapsedTime(last, now) < RepeatAfter)
        {
            return true;
        }

        _lastLogged[facility] = now;
        return false;
    }

    [LoggerMessage(Message = "librdkafka {Facility}: {Line}")]
    private partial void Log(LogLevel level, string facility, string line);
}
