using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Hostwire.Monitoring;

/// <summary>Answers <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c> over HTTP. Why not by ASP.NET Core: <c>docs/adr/0014</c>.</summary>
/// <param name="address">Where to listen.</param>
/// <param name="key">The setting that says so.</param>
/// <param name="answer">The answer for a path; null where there is none under it.</param>
/// <param name="logger">The log.</param>
/// <param name="time">The clock.</param>
internal sealed partial class MonitorServer(IPEndPoint address, string key, Func<string, HttpAnswer?> answer, ILogger logger, TimeProvider time)
{
    // Served at a time; beyond these, connections wait in the kernel.
    private const int ConnectionsMax = 8;

    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(30);

    /// <summary>Where it really listens (the setting's port may be 0: any); null while it does not.</summary>
    public IPEndPoint? Address { get; private set; }

    /// <summary>Listens until told to stop. A port that is taken is no reason to end: it is said once and tried again, since it may be that of a predecessor who is ending.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        bool isReported = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using Socket listener = Listen();
                Address = (IPEndPoint)listener.LocalEndPoint!;
                isReported = false;
                LogListening(Address);
                if (!IPAddress.IsLoopback(Address.Address))
                {
                    LogOpen(key);
                }

                await Task.WhenAll(Enumerable.Range(0, ConnectionsMax).Select(_ => ServeAsync(listener, stopping)));
            }
            catch (SocketException error)
            {
                if (!isReported)
                {
                    isReported = true;
                    LogCannotListen(address, Reason(error), key);
                }
            }

            Address = null;
            await Task.Delay(TryAgainAfter, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string Reason(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "another process listens there",
        SocketError.AddressNotAvailable => "this machine has no such address",
        SocketError.AccessDenied => "this user may not listen on that port",
        _ => error.Message,
    };

    private Socket Listen()
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            socket.Listen();
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Serves one connection after the other.</summary>
    private async Task ServeAsync(Socket listener, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await HttpConnection.ServeAsync(await listener.AcceptAsync(stopping), answer, time, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
            }
            catch (SocketException error)
            {
                // No file handle left, for one: the next may find one.
                LogNotAccepted(error.Message);
                await Task.Delay(TryAgainAfter, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception error)
            {
                // An error of ours in making an answer: whoever asked sees the connection close, and the others are served.
                LogBroken(error);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Answering /healthz, /readyz and /metrics on http://{Address}")]
    private partial void LogListening(IPEndPoint address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Key} is no loopback address: whoever reaches it can read the metrics, without a login")]
    private partial void LogOpen(string key);

    [LoggerMessage(Level = LogLevel.Error, Message = "/healthz, /readyz and /metrics cannot be served on {Address}: {Reason}. Set {Key} to another address (empty: serve none); all else goes on, and it is tried again every 30 s")]
    private partial void LogCannotListen(IPEndPoint address, string reason, string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection for /metrics could not be accepted: {Reason}")]
    private partial void LogNotAccepted(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A request could not be answered by a fault of our own; please report this")]
    private partial void LogBroken(Exception error);
}
