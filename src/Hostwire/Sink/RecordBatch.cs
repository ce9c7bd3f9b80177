using System.Runtime.InteropServices;

namespace Hostwire.Sink;

/// <summary>Records that are to be stored in one transaction, in the order in which they were read.</summary>
/// <param name="payloads">Where the bytes of the records are.</param>
internal sealed class RecordBatch(Payloads payloads)
{
    // What a record takes in memory besides its bytes. Without it, empty records would be free.
    private const int RecordOverheadBytes = 112;

    /// <summary>Where the bytes of the records are.</summary>
    public Payloads Payloads { get; } = payloads;

    /// <summary>The records.</summary>
    public List<RawRecord> Records { get; } = [];

    /// <summary>Bytes that they take: keys, values, and what the runtime needs to hold them.</summary>
    public long Bytes { get; private set; }

    /// <summary>When the first one was added, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long StartedAt { get; private set; }

    /// <summary>Adds a record.</summary>
    public void Add(RawRecord record, long now)
    {
        if (Records.Count == 0)
        {
            StartedAt = now;
        }

        Records.Add(record);
        Bytes += Size(record);
    }

    /// <summary>Drops the records of claims that were lost: the next owner reads them again. Returns how many.</summary>
    public int DropLost()
    {
        bool anyIsLost = false;
        PartitionClaim? last = null;
        foreach (ref readonly RawRecord record in CollectionsMarshal.AsSpan(Records))
        {
            if (!ReferenceEquals(record.Claim, last))
            {
                last = record.Claim;
                anyIsLost |= last.IsLost;
            }
        }

        return anyIsLost ? Records.RemoveAll(record =>
        {
            // Asked once for each record: another thread may lose a claim meanwhile. Then the first of its records stay, which is a batch as good as any.
            bool isLost = record.Claim.IsLost;
            Bytes -= isLost ? Size(record) : 0;
            return isLost;
        }) : 0;
    }

    private static long Size(RawRecord record) => RecordOverheadBytes + (record.Key?.Length ?? 0) + (record.Value?.Length ?? 0);
}
