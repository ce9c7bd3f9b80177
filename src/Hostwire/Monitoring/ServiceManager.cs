using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Hostwire.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Monitoring;

/// <summary>
/// Tells systemd, or whoever speaks its protocol of <c>sd_notify(3)</c>, how this process is doing. Where nobody asked for it, every call does nothing.
/// </summary>
internal sealed partial class ServiceManager : IDisposable
{
    private const string SocketVariable = "NOTIFY_SOCKET";
    private const string WatchdogVariable = "WATCHDOG_USEC";
    private const string WatchdogProcessVariable = "WATCHDOG_PID";
    private const int SendTimeoutMilliseconds = 1000;

    private readonly Socket? _socket;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    private ServiceManager(Socket? socket, TimeSpan? watchdogInterval, ILogger logger, TimeProvider time)
    {
        _socket = socket;
        WatchdogInterval = watchdogInterval;
        _logger = logger;
        _time = time;
    }

    /// <summary>How often a sign of life is expected at the least; null where none is.</summary>
    public TimeSpan? WatchdogInterval { get; }

    /// <summary>As the environment says: <c>NOTIFY_SOCKET</c> (a path, or <c>@</c> and a name of the abstract namespace), <c>WATCHDOG_USEC</c>, <c>WATCHDOG_PID</c>.</summary>
    public static ServiceManager From(IReadOnlyDictionary<string, string> environment, ILoggerFactory loggers, TimeProvider time)
    {
        ILogger logger = loggers.CreateLogger<ServiceManager>();
        return new(Connect(environment.GetValueOrDefault(SocketVariable, ""), logger), Watchdog(environment), logger, time);
    }

    /// <summary>It works.</summary>
    public void Ready(string status) => Send($"READY=1\nSTATUS={Line(status)}");

    /// <summary>It has begun to take new settings over; <see cref="Ready"/> says that it has.</summary>
    public void Reloading() =>
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={(long)_time.GetElapsedTime(0, _time.GetTimestamp()).TotalMicroseconds}\nSTATUS=Reloading the settings."));

    /// <summary>It is about to end.</summary>
    public void Stopping() => Send("STOPPING=1\nSTATUS=Stopping.");

    /// <summary>What <c>systemctl status</c> shows.</summary>
    public void Status(string status) => Send($"STATUS={Line(status)}");

    /// <summary>A sign of life.</summary>
    public void Alive() => Send("WATCHDOG=1");

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private static Socket? Connect(string address, ILogger logger)
    {
        if (address.Length == 0)
        {
            return null;
        }

        if (address[0] is not ('/' or '@'))
        {
            LogUnknownAddress(logger, address);
            return null;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = SendTimeoutMilliseconds };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(address[0] == '@' ? $"\0{address[1..]}" : address));
            return socket;
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            LogNotSent(logger, error.Message);
            socket.Dispose();
            return null;
        }
    }

    private static TimeSpan? Watchdog(IReadOnlyDictionary<string, string> environment)
    {
        // A wrapper around the process may be the one that is asked.
        bool isMeant = environment.GetValueOrDefault(WatchdogProcessVariable, "") is var process
            && (process.Length == 0 || process.Equals(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        return isMeant && long.TryParse(environment.GetValueOrDefault(WatchdogVariable), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
    }

    private static string Line(string text) => text.ReplaceLineEndings(" ");

    private void Send(string message)
    {
        try
        {
            _socket?.Send(Encoding.UTF8.GetBytes(message));
        }
        catch (SocketException error)
        {
            // The service manager is restarting or its socket is full; signs of life are sent again, and nothing else here stops for it.
            LogNotSent(_logger, error.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The service manager's socket (NOTIFY_SOCKET) is {Address}, which is neither a path nor an abstract name: it is not told anything")]
    private static partial void LogUnknownAddress(ILogger logger, string address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The service manager could not be told how this process is doing: {Reason}")]
    private static partial void LogNotSent(ILogger logger, string reason);
}
