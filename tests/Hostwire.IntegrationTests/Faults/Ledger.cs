using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>Every record of a round, with every point in it: kept outside the product, before anything is sent.</summary>
internal sealed class Ledger
{
    private readonly Lock _lock = new();
    private readonly List<LedgerRecord> _records = [];
    private long _acceptedUnderFault;
    private long _resentPoints;

    /// <summary>Whether a fault is on at this moment.</summary>
    public bool IsUnderFault { get; set; }

    /// <summary>Points that were handed over while a fault was on and have been acknowledged.</summary>
    public long AcceptedUnderFault => Interlocked.Read(ref _acceptedUnderFault);

    /// <summary>Points that were sent a second time, byte for byte, and acknowledged again.</summary>
    public long ResentPoints => Interlocked.Read(ref _resentPoints);

    /// <summary>Notes a record that is about to be sent.</summary>
    public LedgerRecord Add(MetricPoint[] points, RecordFate fate = RecordFate.Stored)
    {
        var record = new LedgerRecord(points, fate, IsUnderFault);
        lock (_lock)
        {
            _records.Add(record);
        }

        return record;
    }

    /// <summary>Counts an acknowledgement.</summary>
    public void Accept(LedgerRecord record, string topicId, int partition, long offset)
    {
        if (record.IsAccepted)
        {
            Interlocked.Add(ref _resentPoints, record.Points.Length);
            record.SecondOffset = offset;
            return;
        }

        record.Accept(topicId, partition, offset);
        if (record.IsUnderFault && record.Fate is RecordFate.Stored)
        {
            Interlocked.Add(ref _acceptedUnderFault, record.Points.Length);
        }
    }

    /// <summary>All records so far.</summary>
    public LedgerRecord[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _records];
        }
    }
}
