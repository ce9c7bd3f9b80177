namespace Hostwire.Simulation.Ledger;

/// <summary>A frame of a ledger, compact: a ledger may hold millions.</summary>
/// <param name="Host">Place of the host in the ledger's list.</param>
/// <param name="Partition">Where its record is; negative: nobody knows whether it is anywhere.</param>
/// <param name="Offset">Where its record is in the partition.</param>
/// <param name="Frame">Time, points and digest.</param>
internal readonly record struct LedgerEntry(int Host, int Partition, long Offset, LedgerFrame Frame)
{
    /// <summary>Whether Kafka has acknowledged its record.</summary>
    public bool IsAcknowledged => Partition >= 0;
}
