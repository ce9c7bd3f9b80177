using System.Net.Sockets;
using System.Threading.Channels;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>One direction of one connection: reads as it comes, delivers under the conditions of the moment.</summary>
internal sealed class ProxyFlow(FaultProxy proxy, ProxiedConnection connection, FlowDirection direction)
{
    private const int PieceBytes = 16_384;

    // A megabyte on its way; beyond it the sender feels that nothing is taken any more, as with a full socket buffer.
    private const int PiecesMax = 64;

    private readonly Channel<Piece> _pieces = Channel.CreateBounded<Piece>(new BoundedChannelOptions(PiecesMax) { SingleReader = true, SingleWriter = true });
    private TripMatcher? _matcher;
    private volatile bool _isHalfClosed;

    /// <summary>Ends when the stream has ended and its end was passed on.</summary>
    public async Task RunAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = ReadAsync(from, failed.Token);
        Task writing = WriteAsync(to, failed.Token);
        Task first = await Task.WhenAny(reading, writing);
        if (!first.IsCompletedSuccessfully)
        {
            await failed.CancelAsync();
        }

        await Task.WhenAll(reading, writing);
    }

    /// <summary>Tells the receiver that nothing more will come; what still comes is dropped.</summary>
    public void HalfClose(Socket to)
    {
        _isHalfClosed = true;
        try
        {
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It is gone altogether.
        }
    }

    private async Task ReadAsync(Socket from, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[PieceBytes];
        while (true)
        {
            int count = await from.ReceiveAsync(buffer, cancellationToken);
            if (count == 0)
            {
                await _pieces.Writer.WriteAsync(new Piece([], ArrivedAt: 0, Trips: null, IsEnd: true), cancellationToken);
                return;
            }

            connection.Received(direction);
            await EnqueueAsync(buffer[..count], cancellationToken);
        }
    }

    private async Task EnqueueAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        long now = TimeProvider.System.GetTimestamp();
        Tripwire? wire = proxy.Wire is { } laid && laid.Direction == direction ? laid : null;
        _matcher = wire is null ? null : _matcher is { } matcher && ReferenceEquals(matcher.Wire, wire) ? matcher : new TripMatcher(wire);
        if (_matcher?.CutIn(bytes) is not { } cut || !wire!.Take())
        {
            await _pieces.Writer.WriteAsync(new Piece(bytes, now, Trips: null, IsEnd: false), cancellationToken);
            return;
        }

        if (wire.Point is TripPoint.BeforeAnswer)
        {
            connection.HoldAnswers(wire);
            await _pieces.Writer.WriteAsync(new Piece(bytes, now, Trips: null, IsEnd: false), cancellationToken);
            return;
        }

        await _pieces.Writer.WriteAsync(new Piece(bytes[..cut], now, wire, IsEnd: false), cancellationToken);
        await _pieces.Writer.WriteAsync(new Piece(bytes[cut..], now, Trips: null, IsEnd: false), cancellationToken);
    }

    private async Task WriteAsync(Socket to, CancellationToken cancellationToken)
    {
        while (true)
        {
            Piece piece = await _pieces.Reader.ReadAsync(cancellationToken);
            await WaitForTurnAsync(piece, cancellationToken);
            if (piece.IsEnd)
            {
                HalfClose(to);
                return;
            }

            if (!_isHalfClosed)
            {
                await SendAsync(to, piece.Bytes, cancellationToken);
                proxy.CountDelivered(piece.Bytes.Length);
            }

            if (piece.Trips is { } wire)
            {
                connection.Freeze();
                wire.Trip(connection);
            }
        }
    }

    private async Task WaitForTurnAsync(Piece piece, CancellationToken cancellationToken)
    {
        TimeSpan left = proxy.ConditionsOf(direction).Delay - TimeProvider.System.GetElapsedTime(piece.ArrivedAt);
        if (!piece.IsEnd && left > TimeSpan.Zero)
        {
            await Task.Delay(left, cancellationToken);
        }

        while (true)
        {
            Task change = proxy.NextChange();
            if (!connection.Holds(direction))
            {
                return;
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            int? limit = proxy.ConditionsOf(direction).BytesPerSecond;
            // A twentieth of a second's worth at a time, so that a change of conditions is felt soon.
            int count = Math.Min(bytes.Length, limit is { } perSecond ? Math.Max(1, perSecond / 20) : bytes.Length);
            for (ReadOnlyMemory<byte> part = bytes[..count]; !part.IsEmpty;)
            {
                part = part[await to.SendAsync(part, cancellationToken)..];
            }

            bytes = bytes[count..];
            if (limit is { } rate)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)count / rate), cancellationToken);
            }
        }
    }

    private sealed record Piece(byte[] Bytes, long ArrivedAt, Tripwire? Trips, bool IsEnd);
}
