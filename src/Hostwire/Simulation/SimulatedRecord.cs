using Hostwire.Simulation.Ledger;

namespace Hostwire.Simulation;

/// <summary>A record of a simulated host, from its making to its acknowledgement.</summary>
/// <param name="host">Name of the host: the record's key.</param>
/// <param name="value">The OTLP bytes.</param>
/// <param name="frames">What the sink is to make of it.</param>
internal sealed class SimulatedRecord(string host, byte[] value, LedgerFrame[] frames)
{
    /// <summary>Name of the host: the record's key.</summary>
    public string Host { get; } = host;

    /// <summary>The OTLP bytes.</summary>
    public byte[] Value { get; } = value;

    /// <summary>What the sink is to make of it.</summary>
    public LedgerFrame[] Frames { get; } = frames;

    /// <summary>Points in all frames.</summary>
    public int Points => Frames.Sum(frame => frame.Points);
}
