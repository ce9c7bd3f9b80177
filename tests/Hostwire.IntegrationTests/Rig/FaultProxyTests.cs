using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>The proxy does each fault that it is asked for, and nothing else. A fault that did not happen would prove things that are not so.</summary>
public sealed class FaultProxyTests : IAsyncDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly FaultProxy _proxy = new();
    private readonly List<Socket> _sockets = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public FaultProxyTests()
    {
        _server.Start();
        _proxy.Target = ((IPEndPoint)_server.LocalEndpoint).Port;
    }

    [Fact]
    public async Task Everything_goes_through_both_ways_and_so_does_each_end()
    {
        (Socket client, Socket server) = await ConnectAsync();
        byte[] large = new byte[1 << 20];
        new Random(1).NextBytes(large);
        Task sending = SendAsync(client, large);
        Assert.Equal(large, await ReceiveAsync(server, large.Length));
        await sending;
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await server.ReceiveAsync(new byte[1], Cancellation));
        await SendAsync(server, "still here"u8.ToArray());
        Assert.Equal("still here", await ReceiveTextAsync(client, 10));
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Cancellation));
    }

    [Fact]
    public async Task A_black_hole_in_one_direction_holds_what_is_sent_and_lets_the_other_through()
    {
        (Socket client, Socket server) = await ConnectAsync();
        _proxy.Set(FlowDirection.ToServer, new FlowConditions { IsBlackHole = true });
        await SendAsync(client, "lost?"u8.ToArray());
        await SendAsync(server, "answer"u8.ToArray());
        Assert.Equal("answer", await ReceiveTextAsync(client, 6));
        Assert.Equal(0, server.Available);
        _proxy.Heal();
        Assert.Equal("lost?", await ReceiveTextAsync(server, 5));
    }

    [Fact]
    public async Task A_delay_is_kept_by_every_byte()
    {
        (Socket client, Socket server) = await ConnectAsync();
        TimeSpan delay = TimeSpan.FromMilliseconds(300);
        _proxy.Set(FlowDirection.ToServer, new FlowConditions { Delay = delay });
        long start = TimeProvider.System.GetTimestamp();
        await SendAsync(client, "a"u8.ToArray());
        await ReceiveAsync(server, 1);
        // Never sooner; how much later is up to the machine.
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= delay - TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public async Task A_limit_of_bandwidth_lets_no_more_through()
    {
        (Socket client, Socket server) = await ConnectAsync();
        _proxy.Set(FlowDirection.ToServer, new FlowConditions { BytesPerSecond = 40_000 });
        long start = TimeProvider.System.GetTimestamp();
        await SendAsync(client, new byte[20_000]);
        await ReceiveAsync(server, 20_000);
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(400));
    }

    [Fact]
    public async Task A_cut_is_a_reset_for_both()
    {
        (Socket client, Socket server) = await ConnectAsync();
        _proxy.CutAll();
        await AssertResetAsync(client);
        await AssertResetAsync(server);
    }

    [Fact]
    public async Task A_half_close_ends_one_direction_only()
    {
        (Socket client, Socket server) = await ConnectAsync();
        _proxy.HalfCloseAll(FlowDirection.ToClient);
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Cancellation));
        await SendAsync(client, "on"u8.ToArray());
        Assert.Equal("on", await ReceiveTextAsync(server, 2));
    }

    [Fact]
    public async Task A_refused_connection_is_reset()
    {
        _proxy.RefusesConnections = true;
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(client);
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _proxy.Port, Cancellation);
        }
        catch (SocketException)
        {
            return;
        }

        await AssertResetAsync(client);
    }

    [Theory]
    // The text whole, and in pieces that each end within it.
    [InlineData(TripPoint.BeforeText, 0, "one CO", "one COMMIT two")]
    [InlineData(TripPoint.BeforeText, 0, "one ", "one COMMIT two", true)]
    [InlineData(TripPoint.AfterText, 0, "one COMMIT", "one COMMIT two")]
    [InlineData(TripPoint.AfterText, 3, "one COMMIT tw", "one COMMIT two")]
    public async Task A_tripwire_stops_the_connection_at_its_place(TripPoint point, int bytes, string before, string sent, bool whole = false)
    {
        (Socket client, Socket server) = await ConnectAsync();
        Tripwire wire = _proxy.Lay(new Tripwire(FlowDirection.ToServer, point, bytes, "COMMIT"));
        byte[] all = Encoding.UTF8.GetBytes(sent);
        int split = whole ? all.Length : 6;
        await SendAsync(client, all.AsMemory(0, split));
        if (!whole)
        {
            // Only when the first piece has gone through is the second one another.
            await ReceiveAsync(server, split);
            await SendAsync(client, all.AsMemory(split));
        }

        ProxiedConnection frozen = await wire.Tripped.WaitAsync(ChildProcess.Deadline, Cancellation);
        int left = before.Length - (whole ? 0 : split);
        Assert.Equal(before[^left..], await ReceiveTextAsync(server, left));
        Assert.Equal(0, server.Available);
        frozen.Release();
        Assert.Equal(sent[before.Length..], await ReceiveTextAsync(server, sent.Length - before.Length));
    }

    [Fact]
    public async Task A_tripwire_for_an_answer_lets_the_question_through_and_holds_the_answer()
    {
        (Socket client, Socket server) = await ConnectAsync();
        Tripwire wire = _proxy.Lay(new Tripwire(FlowDirection.ToServer, TripPoint.BeforeAnswer, 0, "COPY", "COMMIT"));
        await SendAsync(client, "COMMIT"u8.ToArray());
        await ReceiveAsync(server, 6);
        await SendAsync(server, "1"u8.ToArray());
        await ReceiveAsync(client, 1);
        await SendAsync(client, "COPY COMMIT"u8.ToArray());
        await ReceiveAsync(server, 11);
        Assert.False(wire.Tripped.IsCompleted);
        await SendAsync(server, "done"u8.ToArray());
        ProxiedConnection frozen = await wire.Tripped.WaitAsync(ChildProcess.Deadline, Cancellation);
        Assert.Equal(0, client.Available);
        frozen.Cut();
        await AssertResetAsync(client);
        await AssertResetAsync(server);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _sockets.ForEach(socket => socket.Dispose());
        _server.Dispose();
        await _proxy.DisposeAsync();
    }

    private async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port, Cancellation);
        Socket server = await _server.AcceptSocketAsync(Cancellation);
        _sockets.AddRange([client, server]);
        return (client, server);
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, Cancellation)..];
        }
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        byte[] received = new byte[count];
        for (int length = 0; length < count;)
        {
            int read = await socket.ReceiveAsync(received.AsMemory(length), Cancellation).AsTask().WaitAsync(ChildProcess.Deadline, Cancellation);
            Assert.True(read > 0, $"The connection ended after {length} of {count} bytes.");
            length += read;
        }

        return received;
    }

    private static async Task<string> ReceiveTextAsync(Socket socket, int count) => Encoding.UTF8.GetString(await ReceiveAsync(socket, count));

    private static async Task AssertResetAsync(Socket socket)
    {
        SocketException reset = await Assert.ThrowsAsync<SocketException>(
            async () => await socket.ReceiveAsync(new byte[1], Cancellation).AsTask().WaitAsync(ChildProcess.Deadline, Cancellation));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
    }
}
