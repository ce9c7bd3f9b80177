using Microsoft.Extensions.Logging;

namespace Hostwire.Diagnostics;

/// <summary>The logger of one component.</summary>
internal sealed class LineLogger(LogOutput output, string component) : ILogger
{
    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= output.Minimum && logLevel != LogLevel.None;

    /// <summary>Scopes are not written: each event says by itself what it speaks of.</summary>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            output.Write(logLevel, component, formatter(state, exception), state as IReadOnlyList<KeyValuePair<string, object?>> ?? [], exception);
        }
    }
}
