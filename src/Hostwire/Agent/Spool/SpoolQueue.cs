using Hostwire.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Hostwire.Agent.Spool;

/// <summary>Keeps the records in a file until the broker has acknowledged them, and the newest of them in memory too.</summary>
/// <remarks>
/// A record can be taken once it is in the file. Those that came last, up to a megabyte of them, go first, in their order; then what lies only in the file, oldest
/// first: so after an outage what is measured now does not wait for what was measured then. While the file cannot be written, the queue works in memory. The file is
/// touched, once it is open, in <see cref="Step"/> alone, by one thread and never under the lock: a disk that hangs holds up neither sampling nor, after <see cref="HangMax"/>, sending.
/// </remarks>
internal sealed partial class SpoolQueue : IRecordQueue, IDisposable
{
    // Rows to be removed wait for the next record to be written, unless there are so many.
    private const int FinishedMax = 64;

    // So long a step may be at the file before the records that wait for it are sent, and bounded, without it.
    private static readonly TimeSpan HangMax = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly AgentCounters _counters;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    // All these are guarded by the gate. First what was added and is not in the file yet; then what can be taken.
    private readonly List<QueuedRecord> _added = [];
    private readonly RecordList _fresh = new();
    private readonly RecordList _readBack = new();
    private readonly HashSet<QueuedRecord> _taken = [];

    // What is to be set aside in the file.
    private readonly List<RefusedRecord> _refused = [];

    // Rows of which pieces are in memory, and how many; rows to be removed; and the stretch of rows of which all others lie only in the file.
    private readonly Dictionary<long, int> _held = [];
    private readonly HashSet<long> _finished = [];
    private SpoolExtent _cold;
    private long? _stepBegan;
    private bool _isHanging;
    private Action? _tell;
    private volatile SpoolSettings _settings;
    private long _nextSequence;
    private long _count;
    private long _bytes;
    private bool _isFull;

    /// <summary>Opens the spool. Where its file cannot be used just now it starts without, and tries again.</summary>
    /// <exception cref="UserException">The file is another program's, or another agent's.</exception>
    public SpoolQueue(SpoolSettings settings, AgentCounters counters, ILogger logger, TimeProvider time)
    {
        (_settings, _counters, _logger, _time) = (settings, counters, logger, time);
        try
        {
            CreateFolder();
            OpenFile();
        }
        catch (NotASpoolException error)
        {
            throw new UserException(error.Message, error);
        }
        catch (SqliteException error) when (error.SqliteErrorCode is SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED)
        {
            throw new UserException($"The spool {settings.Path} is in use by another agent: stop that one, or set agent.spool_file to a file of its own.", error);
        }
        catch (Exception error) when (IsFileTrouble(error))
        {
            Fail(error);
        }
    }

    /// <inheritdoc/>
    public Action? Ready { get; set; }

    /// <summary>Called whenever there is work for <see cref="Step"/>.</summary>
    public Action? WorkCame { get; set; }

    /// <inheritdoc/>
    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
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

    /// <summary>Of those, how many are in memory alone: they end with the process.</summary>
    public long Unwritten
    {
        get
        {
            lock (_gate)
            {
                return _fresh.Records.Concat(_readBack.Records).Concat(_added).Concat(_taken).Count(record => record.FileId == 0);
            }
        }
    }

    /// <summary>From now on these limits count; the file stays the one it is.</summary>
    public void Limit(SpoolSettings settings)
    {
        _settings = settings with { Path = _settings.Path };
        WorkCame?.Invoke();
    }

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> value)
    {
        bool isReady;
        lock (_gate)
        {
            _added.Add(new QueuedRecord(_nextSequence++, value.ToArray()) { AddedAt = _time.GetUtcNow() });
            Adjust(value.Length, records: 1);
            _counters.CountQueued();
            isReady = GoRoundTheFile() && CanTake;
            Publish();
        }

        Tell();
        WorkCame?.Invoke();
        if (isReady)
        {
            Ready?.Invoke();
        }
    }

    /// <inheritdoc/>
    public QueuedRecord? Take()
    {
        QueuedRecord? record;
        bool wantsMore;
        lock (_gate)
        {
            GoRoundTheFile();
            record = _fresh.TakeFirst() ?? _readBack.TakeFirst();
            wantsMore = _readBack.Count == 0 && _cold.Count > 0 && _file is not null;
            if (record is not null)
            {
                _taken.Add(record);
            }
        }

        Tell();
        if (wantsMore)
        {
            WorkCame?.Invoke();
        }

        return record;
    }

    /// <inheritdoc/>
    public void Acknowledge(QueuedRecord record)
    {
        bool isWork;
        lock (_gate)
        {
            RequireTaken(record);
            Forget(record);
            _counters.CountAcknowledged(record.Value.Length);

            // Once half of it is free the queue counts as having recovered, and the next overflow is news again.
            _isFull &= _bytes > _settings.BytesMax / 2;
            isWork = _finished.Count >= FinishedMax;
            Publish();
        }

        if (isWork)
        {
            WorkCame?.Invoke();
        }
    }

    /// <inheritdoc/>
    public void Return(QueuedRecord record)
    {
        lock (_gate)
        {
            RequireTaken(record);
            PutBack(record);
        }
    }

    /// <inheritdoc/>
    public void Drop(QueuedRecord record, string reason)
    {
        lock (_gate)
        {
            RequireTaken(record);
            Forget(record);
            _refused.Add(new RefusedRecord(_time.GetUtcNow(), reason, record.Value));
            _refused.RemoveRange(0, int.Max(0, _refused.Count - SpoolFile.RefusedMax));
            _counters.CountDropped(DropReason.Refused, 1);
            Publish();
        }

        WorkCame?.Invoke();
    }

    /// <inheritdoc/>
    public void Split(QueuedRecord record, byte[] first, byte[] second)
    {
        lock (_gate)
        {
            RequireTaken(record);

            // Both stand for the row of the whole, which stays until the last of them has arrived.
            foreach (byte[] half in (byte[][])[first, second])
            {
                var piece = new QueuedRecord(record.Sequence, half) { AddedAt = record.AddedAt, FileId = record.FileId, IsSuspect = true, IsPiece = true };
                Hold(piece);
                Adjust(half.Length, records: 1);
                PutBack(piece);
            }

            Forget(record);
            _counters.CountSplit();
            Publish();
        }
    }

    private bool CanTake => _fresh.Count + _readBack.Count > 0;

    private void RequireTaken(QueuedRecord record)
    {
        if (!_taken.Remove(record))
        {
            throw new InvalidOperationException($"Record {record.Sequence} is not on its way.");
        }
    }

    private void PutBack(QueuedRecord record) => (record.FileId != 0 && record.FileId < _cold.Before ? _readBack : _fresh).Insert(record);

    private void Hold(QueuedRecord record)
    {
        if (record.FileId != 0)
        {
            _held[record.FileId] = _held.GetValueOrDefault(record.FileId) + 1;
        }
    }

    /// <summary>The record has left: so does its row, once no piece of it is left.</summary>
    private void Forget(QueuedRecord record)
    {
        record.HasLeft = true;
        Adjust(-record.Value.Length, records: -1);
        if (record.FileId != 0 && Release(record.FileId))
        {
            _finished.Add(record.FileId);
        }
    }

    private bool Release(long fileId)
    {
        int left = _held[fileId] - 1;
        if (left > 0)
        {
            _held[fileId] = left;
            return false;
        }

        _held.Remove(fileId);
        return true;
    }

    /// <summary>Where the step under way has been at the file for too long, what was added can be taken without it, as far as memory holds it.</summary>
    private bool GoRoundTheFile()
    {
        if (!_isHanging && Left(_stepBegan, HangMax) == TimeSpan.Zero)
        {
            _isHanging = true;
            _counters.CountSpoolFailed();
            _tell += () => LogHangs(_settings.Path, (long)HangMax.TotalSeconds, _settings.MemoryBytesMax);
        }

        if (_isHanging)
        {
            OfferAdded();
            DropWhatMemoryCannotHold();
        }

        return _isHanging;
    }

    /// <summary>Logs what came up under the lock: to write a line may take as long as the disk likes.</summary>
    private void Tell() => Interlocked.Exchange(ref _tell, null)?.Invoke();

    private void OfferAdded()
    {
        foreach (QueuedRecord record in _added)
        {
            _fresh.Insert(record);
        }

        _added.Clear();
    }

    private void Adjust(long bytes, long records) => (_bytes, _count) = (_bytes + bytes, _count + records);

    private void Publish() => _counters.SetWaiting(_count, _bytes);
}
