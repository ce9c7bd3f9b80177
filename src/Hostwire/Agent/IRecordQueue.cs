namespace Hostwire.Agent;

/// <summary>Where records wait between the scrape and the broker's acknowledgement. Safe for use by the sampler and the publisher at once.</summary>
/// <remarks>
/// A record is waiting, or taken (on its way). It leaves by <see cref="Acknowledge"/>, or, counted as dropped, by <see cref="Drop"/> or
/// because the queue is full; a taken record comes back by <see cref="Return"/>.
/// </remarks>
public interface IRecordQueue
{
    /// <summary>Called whenever there is a record to <see cref="Take"/>; set once, by the publisher.</summary>
    Action? Ready { get; set; }

    /// <summary>How many records there are, waiting and taken.</summary>
    long Count { get; }

    /// <summary>How many bytes they have.</summary>
    long Bytes { get; }

    /// <summary>Adds a record at the end. Where there is no room the oldest that wait are dropped for it; those on their way may arrive yet and stay.</summary>
    void Add(ReadOnlySpan<byte> value);

    /// <summary>Takes the oldest record that waits; null if none does.</summary>
    QueuedRecord? Take();

    /// <summary>The broker has it: a taken record leaves the queue, and its bytes are the queue's to use again.</summary>
    void Acknowledge(QueuedRecord record);

    /// <summary>It could not be sent: a taken record waits again, in its old place.</summary>
    void Return(QueuedRecord record);

    /// <summary>The broker will never have it: a taken record leaves the queue and is counted as dropped. A queue on a disk sets it aside there, with the reason.</summary>
    void Drop(QueuedRecord record, string reason);

    /// <summary>A taken record waits again as two, in its old place.</summary>
    void Split(QueuedRecord record, byte[] first, byte[] second);
}
