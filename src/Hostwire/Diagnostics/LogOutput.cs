using System.Buffers;
using System.Text;
using Hostwire.Configuration;
using Microsoft.Extensions.Logging;

namespace Hostwire.Diagnostics;

/// <summary>
/// Writes events as lines, each with a single write, from any thread. It is both factory and provider of loggers: Hostwire takes it as the one, ASP.NET Core as
/// the other.
/// </summary>
public sealed class LogOutput : ILoggerFactory, ILoggerProvider
{
    private const string OwnNamespace = "Hostwire.";

    private readonly TimeProvider _time;
    private readonly Stream _stream;
    private readonly Lock _writing = new();
    private volatile bool _json;
    private volatile LogLevel _minimum;

    /// <summary>Writes to the stream what the options ask for; the stream stays the caller's.</summary>
    public LogOutput(LogOptions options, TimeProvider time, Stream stream)
    {
        _time = time;
        _stream = stream;
        Apply(options);
    }

    /// <summary>The least level that is written.</summary>
    public LogLevel Minimum => _minimum;

    /// <summary>From now on it writes what these options ask for.</summary>
    public void Apply(LogOptions options)
    {
        _minimum = options.Level switch
        {
            "debug" => LogLevel.Debug,
            "warning" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => LogLevel.Information,
        };
        _json = options.Format is "json";
    }

    /// <summary>To stderr, which is for people and log collectors; stdout is for data.</summary>
    public static LogOutput ToStderr(LogOptions options, TimeProvider time) => new(options, time, Console.OpenStandardError());

    /// <summary>The logger of a category; <c>Hostwire.Sink.SinkService</c> speaks as <c>sink</c>, a foreign category as itself.</summary>
    public ILogger CreateLogger(string categoryName) => new LineLogger(this, Component(categoryName));

    /// <summary>There is one output and no other.</summary>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("Every event goes to stderr.");

    /// <summary>Every line has been written when its event was logged: nothing to do.</summary>
    public void Dispose()
    {
    }

    internal void Write(LogLevel level, string component, string message, IReadOnlyList<KeyValuePair<string, object?>> fields, Exception? error)
    {
        var log = new LogEvent(_time.GetUtcNow(), level, component, message, fields, error, WithStack: Minimum <= LogLevel.Debug);
        string line = _json ? JsonLine.Of(log) : TextLine.Of(log);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(line.Length) + 1);
        int length = Encoding.UTF8.GetBytes(line, bytes);
        bytes[length++] = (byte)'\n';
        try
        {
            lock (_writing)
            {
                _stream.Write(bytes, 0, length);
            }
        }
        catch (IOException)
        {
            // Nobody reads stderr any more (a closed pipe, a full disk). There is no other place to say so, and the metrics must go on.
        }

        ArrayPool<byte>.Shared.Return(bytes);
    }

    private static string Component(string category)
    {
        if (!category.StartsWith(OwnNamespace, StringComparison.Ordinal))
        {
            return category;
        }

        string rest = category[OwnNamespace.Length..];
        int dot = rest.IndexOf('.', StringComparison.Ordinal);
        return (dot < 0 ? rest : rest[..dot]).ToLowerInvariant();
    }
}
