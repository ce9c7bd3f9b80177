using System.Text;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>Freezes, once, the first connection of a <see cref="FaultProxy"/> in which some texts have gone by in their order: a fault at an exact place.</summary>
/// <param name="direction">In which flow the texts are looked for.</param>
/// <param name="point">Where the connection stops.</param>
/// <param name="bytes">With <see cref="TripPoint.AfterText"/>: how many bytes behind the last text still go through.</param>
/// <param name="texts">In plain view on the wire, e.g. a statement; none: the beginning of the next bytes.</param>
public sealed class Tripwire(FlowDirection direction, TripPoint point, int bytes, params string[] texts)
{
    private readonly TaskCompletionSource<ProxiedConnection> _tripped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isTaken;

    /// <summary>One that nobody meets, to take another one away.</summary>
    public static Tripwire None { get; } = new(FlowDirection.ToServer, TripPoint.BeforeText, 0, "\u0001 never sent \u0001");

    /// <summary>In which flow the texts are looked for.</summary>
    public FlowDirection Direction { get; } = direction;

    /// <summary>Where the connection stops.</summary>
    public TripPoint Point { get; } = point;

    /// <summary>How many bytes behind the last text go through.</summary>
    public int Bytes { get; } = bytes;

    /// <summary>The connection, frozen in both directions until the caller cuts it or lets it go on.</summary>
    public Task<ProxiedConnection> Tripped => _tripped.Task;

    internal byte[][] Texts { get; } = [.. texts.Select(Encoding.UTF8.GetBytes)];

    /// <summary>True for the first connection that gets there, and for no other.</summary>
    internal bool Take() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    internal void Trip(ProxiedConnection connection) => _tripped.TrySetResult(connection);
}
