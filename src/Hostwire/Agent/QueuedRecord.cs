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

    /// <summary>When it was queued.</summary>
    public DateTimeOffset AddedAt { get; init; }

    /// <summary>Its row in the spool's file; 0 where it has none.</summary>
    public long FileId { get; set; }

    /// <summary>It is a piece of what the row holds.</summary>
    public bool IsPiece { get; init; }

    /// <summary>When it was handed to the Kafka client last, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long SentAt { get; set; }

    /// <summary>It was acknowledged or dropped.</summary>
    public bool HasLeft { get; set; }

    /// <summary>The broker refused a batch in which it was, so it may be at fault: it is sent again alone.</summary>
    public bool IsSuspect { get; set; }
}
