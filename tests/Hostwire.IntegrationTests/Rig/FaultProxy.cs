using System.Net;
using System.Net.Sockets;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>
/// A TCP proxy that makes a network's faults: delay, little bandwidth, black hole, cut, half-close, refusal, and a stop at an exact place of the
/// conversation. Steered while connections are open, each direction for itself.
/// </summary>
/// <remarks>It changes no byte and loses none: what it does not deliver, it holds, or it cuts the connection.</remarks>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly HashSet<ProxiedConnection> _connections = [];
    private readonly FlowConditions[] _conditions = [FlowConditions.Clear, FlowConditions.Clear];
    private readonly Task _accepting;
    private long _bytesDelivered;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Listens at once.</summary>
    /// <param name="target">The port of 127.0.0.1 to which connections go; may be set later.</param>
    /// <param name="host">The loopback address to listen on: 127.0.0.2 is one that no certificate of the rig names.</param>
    public FaultProxy(int target = 0, string host = "127.0.0.1")
    {
        Target = target;
        Host = host;
        _listener.Bind(new IPEndPoint(IPAddress.Parse(host), 0));
        _listener.Listen(128);
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Host { get; }

    /// <summary>Its port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>The port of 127.0.0.1 to which new connections go.</summary>
    public int Target { get; set; }

    /// <summary>Whether new connections are reset as soon as they are made.</summary>
    public bool RefusesConnections { get; set; }

    /// <summary>How many connections there are.</summary>
    public int OpenConnections
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>Bytes that it has delivered, both directions together.</summary>
    public long BytesDelivered => Interlocked.Read(ref _bytesDelivered);

    internal Tripwire? Wire { get; private set; }

    internal void CountDelivered(int bytes) => Interlocked.Add(ref _bytesDelivered, bytes);

    /// <summary>Changes how a direction treats bytes; connections that are open obey at once.</summary>
    public void Set(FlowDirection direction, FlowConditions conditions)
    {
        lock (_lock)
        {
            _conditions[(int)direction] = conditions;
        }

        Wake();
    }

    /// <summary>Changes both directions.</summary>
    public void SetBoth(FlowConditions conditions)
    {
        Set(FlowDirection.ToServer, conditions);
        Set(FlowDirection.ToClient, conditions);
    }

    /// <summary>Lays a tripwire in place of the one before.</summary>
    public Tripwire Lay(Tripwire wire) => Wire = wire;

    /// <summary>Ends every fault that is still on; connections that a tripwire has frozen are cut.</summary>
    public void Heal()
    {
        Wire = null;
        RefusesConnections = false;
        SetBoth(FlowConditions.Clear);
        foreach (ProxiedConnection connection in Snapshot().Where(connection => connection.IsFrozen))
        {
            connection.Cut();
        }
    }

    /// <summary>Resets every connection, as a router does that has lost its state.</summary>
    public void CutAll()
    {
        foreach (ProxiedConnection connection in Snapshot())
        {
            connection.Cut();
        }
    }

    /// <summary>Tells the receiving end of a direction, on every open connection, that nothing more will come; the other direction goes on.</summary>
    public void HalfCloseAll(FlowDirection direction)
    {
        foreach (ProxiedConnection connection in Snapshot())
        {
            connection.HalfClose(direction);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stopping.Dispose();
    }

    internal FlowConditions ConditionsOf(FlowDirection direction)
    {
        lock (_lock)
        {
            return _conditions[(int)direction];
        }
    }

    /// <summary>Ends at the next change of anything; ask for it before looking.</summary>
    internal Task NextChange()
    {
        lock (_lock)
        {
            return _changed.Task;
        }
    }

    internal void Wake()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptAsync(_stopping.Token);
                if (RefusesConnections)
                {
                    client.LingerState = new LingerOption(enable: true, seconds: 0);
                    client.Dispose();
                    continue;
                }

                running.RemoveAll(task => task.IsCompleted);
                running.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var connection = new ProxiedConnection(this, client);
        lock (_lock)
        {
            _connections.Add(connection);
        }

        await connection.RunAsync(Target, _stopping.Token);
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }

    private ProxiedConnection[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _connections];
        }
    }
}
