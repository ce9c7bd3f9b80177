namespace Hostwire.IntegrationTests.Rig;

/// <summary>How one direction of a <see cref="FaultProxy"/> treats bytes; applies to those that come from now on, of every connection.</summary>
public sealed record FlowConditions
{
    /// <summary>As if the proxy was not there.</summary>
    public static FlowConditions Clear { get; } = new();

    /// <summary>How much later each byte arrives; the order and, within the proxy's buffer, the throughput stay.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The most that goes through in a second over one connection; null: no limit.</summary>
    public int? BytesPerSecond { get; init; }

    /// <summary>Nothing arrives any more and nobody is told, as when packets are dropped; what waits goes on once this ends.</summary>
    public bool IsBlackHole { get; init; }
}
