using System.Net;
using System.Net.Sockets;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>One connection through a <see cref="FaultProxy"/>.</summary>
public sealed class ProxiedConnection : IDisposable
{
    private readonly FaultProxy _proxy;
    private readonly Socket _client;
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _cut = new();
    private readonly ProxyFlow _toServer;
    private readonly ProxyFlow _toClient;
    private volatile bool _isFrozen;
    private volatile Tripwire? _awaitsAnswer;

    internal ProxiedConnection(FaultProxy proxy, Socket client)
    {
        _proxy = proxy;
        _client = client;
        _client.NoDelay = _server.NoDelay = true;
        _toServer = new ProxyFlow(proxy, this, FlowDirection.ToServer);
        _toClient = new ProxyFlow(proxy, this, FlowDirection.ToClient);
    }

    /// <summary>Whether a tripwire has stopped it.</summary>
    public bool IsFrozen => _isFrozen;

    /// <summary>Lets it go on after a tripwire.</summary>
    public void Release()
    {
        _awaitsAnswer = null;
        _isFrozen = false;
        _proxy.Wake();
    }

    /// <summary>Resets it on both sides; what was held is gone.</summary>
    public void Cut()
    {
        try
        {
            _cut.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself a moment ago.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _cut.Dispose();
    }

    internal void Freeze() => _isFrozen = true;

    internal void HoldAnswers(Tripwire wire) => _awaitsAnswer = wire;

    /// <summary>Whether bytes of this direction have to wait now.</summary>
    internal bool Holds(FlowDirection direction) =>
        _isFrozen || (direction is FlowDirection.ToClient && _awaitsAnswer is not null) || _proxy.ConditionsOf(direction).IsBlackHole;

    /// <summary>Bytes came in: they are the answer that a tripwire waits for.</summary>
    internal void Received(FlowDirection direction)
    {
        if (direction is FlowDirection.ToClient && _awaitsAnswer is { } wire)
        {
            Freeze();
            wire.Trip(this);
        }
    }

    internal void HalfClose(FlowDirection direction)
    {
        ProxyFlow flow = direction is FlowDirection.ToServer ? _toServer : _toClient;
        flow.HalfClose(direction is FlowDirection.ToServer ? _server : _client);
    }

    internal async Task RunAsync(int target, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_cut.Token, stopping);
        try
        {
            await _server.ConnectAsync(IPAddress.Loopback, target, ending.Token);
            Task[] flows = [_toServer.RunAsync(_client, _server, ending.Token), _toClient.RunAsync(_server, _client, ending.Token)];
            // One that ends well has passed the end of its stream on; one that fails ends both.
            await await Task.WhenAny(flows);
            await Task.WhenAll(flows);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Cut, or one side is gone: either way both sides see a reset.
            Reset(_client);
            Reset(_server);
            Cut();
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        socket.Dispose();
    }
}
