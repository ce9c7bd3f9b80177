using Microsoft.Extensions.Logging;

namespace Hostwire.Diagnostics;

/// <summary>One event of the log, before it becomes a line.</summary>
/// <param name="Time">When, in UTC.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Component">The part of Hostwire that speaks, e.g. <c>sink</c>.</param>
/// <param name="Message">The sentence.</param>
/// <param name="Fields">What the sentence speaks of, by name; the entry <c>{OriginalFormat}</c> is none.</param>
/// <param name="Error">What was thrown, if anything was.</param>
/// <param name="WithStack">Whether the stack trace of <paramref name="Error"/> belongs to the line.</param>
internal readonly record struct LogEvent(
    DateTimeOffset Time,
    LogLevel Level,
    string Component,
    string Message,
    IReadOnlyList<KeyValuePair<string, object?>> Fields,
    Exception? Error,
    bool WithStack)
{
    /// <summary>The level as settings and lines spell it.</summary>
    public string LevelName => Level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };
}
