namespace Hostwire.Sink;

/// <summary>Records that are to be stored in one transaction, in the order in which they were read.</summary>
internal sealed class RecordBatch
{
    /// <summary>The records.</summary>
    public List<RawRecord> Records { get; } = [];

    /// <summary>Bytes of their keys and values.</summary>
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
        Bytes += (record.Key?.Length ?? 0) + (record.Value?.Length ?? 0);
    }

    /// <summary>Drops the records of claims that were lost: the next owner reads them again.</summary>
    public void DropLost()
    {
        foreach (RawRecord record in Records)
        {
            if (record.Claim.IsLost)
            {
                Bytes -= (record.Key?.Length ?? 0) + (record.Value?.Length ?? 0);
            }
        }

        Records.RemoveAll(record => record.Claim.IsLost);
    }
}
