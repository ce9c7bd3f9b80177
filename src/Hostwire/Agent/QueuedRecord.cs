namespace Hostwire.Agent;

/// <summary>A record that waits for the broker's acknowledgement.</summary>
/// <param name="sequence">Its place in the order of scrapes; the halves of a split record share one.</param>
/// <param name="value">The OTLP bytes.</param>
public sealed class QueuedRecord(long sequence, byte[] value)
{
    /// <summary>Its place in the order of scrapes; the halves of a split record share one.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>The OTLP bytes.</summary>
    public byte[] Value { get; } = value;

    /// <summary>The broker refused a batch in which it was, so it may be at fault: it is sent again alone.</summary>
    public bool IsSuspect { get; set; }
}
