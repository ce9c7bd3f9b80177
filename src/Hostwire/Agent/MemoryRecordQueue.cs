using Microsoft.Extensions.Logging;

namespace Hostwire.Agent;

/// <summary>Keeps the records in memory, bounded by their bytes.</summary>
internal sealed partial class MemoryRecordQueue(long bytesMax, AgentCounters counters, ILogger logger) : IRecordQueue
{
    private readonly Lock _gate = new();
    private readonly LinkedList<QueuedRecord> _waiting = new();
    private readonly HashSet<QueuedRecord> _taken = [];
    private long _bytesMax = bytesMax;
    private long _nextSequence;
    private long _bytes;
    private bool _isFull;

    // A host's scrapes are nearly all of one length, so the array of one that has arrived serves the next.
    private byte[]? _spare;

    /// <inheritdoc/>
    public Action? Ready { get; set; }

    /// <inheritdoc/>
    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count + _taken.Count;
            }
        }
    }

    /// <inheritdoc/>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>From now on it holds this many bytes; what is too much goes when the next record comes.</summary>
    public void Limit(long bytesMax)
    {
        lock (_gate)
        {
            _bytesMax = bytesMax;
        }
    }

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> value)
    {
        long dropped;
        bool becameFull;
        lock (_gate)
        {
            _waiting.AddLast(new QueuedRecord(_nextSequence++, Copy(value)));
            _bytes += value.Length;
            counters.CountQueued();
            dropped = Trim();
            becameFull = dropped > 0 && !_isFull;
            _isFull |= dropped > 0;
            Publish();
        }

        if (becameFull)
        {
            LogFull(_bytesMax);
        }

        Ready?.Invoke();
    }

    /// <inheritdoc/>
    public QueuedRecord? Take()
    {
        lock (_gate)
        {
            if (_waiting.First is not { } first)
            {
                return null;
            }

            _waiting.RemoveFirst();
            _taken.Add(first.Value);
            return first.Value;
        }
    }

    /// <inheritdoc/>
    public void Acknowledge(QueuedRecord record)
    {
        lock (_gate)
        {
            Remove(record);
            _spare = record.Value;
            counters.CountAcknowledged(record.Value.Length);

            // Once half of it is free the queue counts as having recovered, and the next overflow is news again.
            _isFull &= _bytes > _bytesMax / 2;
            Publish();
        }
    }

    /// <inheritdoc/>
    public void Return(QueuedRecord record)
    {
        lock (_gate)
        {
            Take(record);
            Insert(record);
        }
    }

    /// <inheritdoc/>
    public void Drop(QueuedRecord record, string reason)
    {
        lock (_gate)
        {
            Remove(record);
            counters.CountDropped(DropReason.Refused, 1);
            Publish();
        }
    }

    /// <inheritdoc/>
    public void Split(QueuedRecord record, byte[] first, byte[] second)
    {
        lock (_gate)
        {
            Remove(record);
            _bytes += first.Length + second.Length;

            // The second half first: each goes before what waits under the same number.
            Insert(new QueuedRecord(record.Sequence, second) { IsSuspect = true });
            Insert(new QueuedRecord(record.Sequence, first) { IsSuspect = true });
            counters.CountSplit();
            Publish();
        }
    }

    private byte[] Copy(ReadOnlySpan<byte> value)
    {
        if (_spare is not { } array || array.Length != value.Length)
        {
            return value.ToArray();
        }

        _spare = null;
        value.CopyTo(array);
        return array;
    }

    private long Trim()
    {
        long dropped = 0;
        while (_bytes > _bytesMax && _waiting.First is { } oldest)
        {
            _waiting.RemoveFirst();
            _bytes -= oldest.Value.Value.Length;
            dropped++;
        }

        counters.CountDropped(DropReason.QueueFull, dropped);
        return dropped;
    }

    private void Insert(QueuedRecord record)
    {
        LinkedListNode<QueuedRecord>? next = _waiting.First;
        while (next is not null && next.Value.Sequence < record.Sequence)
        {
            next = next.Next;
        }

        if (next is null)
        {
            _waiting.AddLast(record);
        }
        else
        {
            _waiting.AddBefore(next, record);
        }
    }

    private void Remove(QueuedRecord record)
    {
        Take(record);
        _bytes -= record.Value.Length;
    }

    private void Take(QueuedRecord record)
    {
        if (!_taken.Remove(record))
        {
            throw new InvalidOperationException($"Record {record.Sequence} is not on its way.");
        }
    }

    private void Publish() => counters.SetWaiting(_waiting.Count + _taken.Count, _bytes);

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue is full ({BytesMax} bytes, agent.queue_max_bytes): from now on the oldest records are dropped, and counted, until Kafka takes some")]
    private partial void LogFull(long bytesMax);
}
