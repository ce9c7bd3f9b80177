namespace Hostwire.Agent.Spool;

/// <summary>Records in the order of their scrapes, and how many bytes they have.</summary>
internal sealed class RecordList
{
    private readonly LinkedList<QueuedRecord> _records = new();

    /// <summary>The records, oldest first.</summary>
    public IEnumerable<QueuedRecord> Records => _records;

    /// <summary>How many.</summary>
    public int Count => _records.Count;

    /// <summary>Bytes of all of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>The oldest.</summary>
    public QueuedRecord? First => _records.First?.Value;

    /// <summary>Puts a record in its place. Nearly all belong at the end.</summary>
    public void Insert(QueuedRecord record)
    {
        LinkedListNode<QueuedRecord>? before = _records.Last;
        while (before is not null && before.Value.Sequence > record.Sequence)
        {
            before = before.Previous;
        }

        _ = before is null ? _records.AddFirst(record) : _records.AddAfter(before, record);
        Bytes += record.Value.Length;
    }

    /// <summary>Takes the oldest out; null if there is none.</summary>
    public QueuedRecord? TakeFirst()
    {
        QueuedRecord? first = First;
        if (first is not null)
        {
            _records.RemoveFirst();
            Bytes -= first.Value.Length;
        }

        return first;
    }
}
