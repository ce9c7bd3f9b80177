using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Hostwire.Agent.Spool;

/// <content>What is done on the file. Only one thread comes here; the fields below are its own.</content>
internal sealed partial class SpoolQueue
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AgeCheckInterval = TimeSpan.FromMinutes(1);

    private SpoolFile? _file;
    private long? _identity;
    private long? _failedAt;
    private long? _failingSince;
    private long? _unsyncedSince;
    private long? _ageCheckedAt;
    private bool _mayShrink;

    /// <summary>How long the file's log was when it was last made safe from a power cut.</summary>
    public long SyncedLogBytes { get; private set; }

    /// <summary>How long <see cref="Step"/> may stay away if no work comes.</summary>
    public TimeSpan UntilNextStep()
    {
        TimeSpan until = AgeCheckInterval;
        until = Min(until, _file is null ? Left(_failedAt, RetryInterval) : null);
        until = Min(until, Left(_unsyncedSince, _settings.SyncInterval));
        return _mayShrink ? TimeSpan.Zero : until;
    }

    /// <summary>Does what is to be done on the file: writes, removes, reads back, drops what is too much, syncs. Never throws for the file's sake.</summary>
    public void Step()
    {
        lock (_gate)
        {
            _stepBegan = _time.GetTimestamp();
        }

        bool works = false;
        try
        {
            if (_file is null && Left(_failedAt, RetryInterval) == TimeSpan.Zero)
            {
                CreateFolder();
                OpenFile();
            }

            if (_file is { } file)
            {
                works = Write(file);
                Trim(file);
                ReadBack(file);
                Sync(file);
                _mayShrink = _mayShrink && file.Shrink();
            }
        }
        catch (Exception error) when (IsFileTrouble(error) || error is NotASpoolException)
        {
            works = false;
            Fail(error);
        }

        bool isReady;
        long? hungSince;
        lock (_gate)
        {
            hungSince = _isHanging ? _stepBegan : null;
            (_isHanging, _stepBegan) = (false, null);
            OfferAdded();
            LeaveToTheFile();
            DropWhatMemoryCannotHold();
            isReady = CanTake;
            Publish();
        }

        if ((works ? _failingSince : null) is { } failingSince)
        {
            _failingSince = null;
            LogWorksAgain(_settings.Path, (long)_time.GetElapsedTime(failingSince).TotalSeconds);
        }
        else if (hungSince is { } began && _failingSince is null)
        {
            LogWorksAgain(_settings.Path, (long)_time.GetElapsedTime(began).TotalSeconds);
        }

        Tell();
        if (isReady)
        {
            Ready?.Invoke();
        }
    }

    /// <summary>Writes what is left to write, and closes the file. Everything that was not acknowledged is in it.</summary>
    public void Dispose()
    {
        Step();
        Close();
    }

    private static bool IsFileTrouble(Exception error) => error is SqliteException or IOException or UnauthorizedAccessException;

    private static TimeSpan Min(TimeSpan left, TimeSpan? right) => right < left ? right.Value : left;

    /// <summary>What is left of a time that began once; null where it did not begin.</summary>
    private TimeSpan? Left(long? since, TimeSpan whole) =>
        since is not { } start ? null : whole - _time.GetElapsedTime(start) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    private void CreateFolder()
    {
        if (Path.GetDirectoryName(Path.GetFullPath(_settings.Path)) is { } folder && !Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private void OpenFile()
    {
        SpoolFile file;
        long lost = 0;
        if (DamagedSpool.Finish(_settings.Path))
        {
            _counters.CountSpoolDamaged();
            LogFinished(_settings.Path);
        }

        try
        {
            file = SpoolFile.Open(_settings.Path);
        }
        catch (SqliteException error) when (DamagedSpool.Is(error))
        {
            (file, lost) = Replace(error);
        }

        if (file.LogAside is { } aside)
        {
            _counters.CountSpoolDamaged();
            LogTailLost(_settings.Path, aside);
        }

        try
        {
            Adopt(file, lost);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        (_file, _mayShrink) = (file, true);
    }

    private (SpoolFile File, long Lost) Replace(SqliteException damage)
    {
        (string aside, long? lost, bool isExact) = DamagedSpool.Replace(_settings.Path);
        SpoolFile file = SpoolFile.Open(_settings.Path);
        _counters.CountSpoolDamaged();
        _counters.CountDropped(DropReason.SpoolDamaged, lost ?? 0);
        string missing = lost is { } number ? string.Create(CultureInfo.InvariantCulture, $"{(isExact ? "" : "at most ")}{number}") : "an unknown number of";
        LogDamaged(_settings.Path, damage.Message, aside, file.Measure(_ => false).Count, missing);
        return (file, lost ?? 0);
    }

    /// <summary>Makes what the file holds, and memory does not, part of the queue: the file may be the one of before, a new one, or one that was put in its place.</summary>
    private void Adopt(SpoolFile file, long lost)
    {
        if (_identity != file.Identity)
        {
            _identity = file.Identity;
            lock (_gate)
            {
                ForgetRows();
            }
        }

        SpoolExtent extent = file.Measure(IsHeldOrFinished);
        long vanished;
        lock (_gate)
        {
            vanished = _cold.Count - extent.Count - lost;
            Adjust(extent.Bytes - _cold.Bytes, extent.Count - _cold.Count);
            _cold = extent;
            Publish();
        }

        if (vanished > 0)
        {
            _counters.CountDropped(DropReason.SpoolDamaged, vanished);
            LogVanished(_settings.Path, vanished);
        }
    }

    /// <summary>The records in memory are in no file.</summary>
    private void ForgetRows()
    {
        _held.Clear();
        _finished.Clear();
        QueuedRecord[] inMemory = [.. _fresh.Records, .. _readBack.Records, .. _taken];
        while (_readBack.TakeFirst() is { } record)
        {
            _fresh.Insert(record);
        }

        foreach (QueuedRecord record in inMemory)
        {
            record.FileId = 0;
        }
    }

    /// <summary>Writes and removes what is to be, as far as the disk has room.</summary>
    /// <returns>Whether that shows that the file can be written. With no room for as much again it does not: where a disk is full, every scrape would be news.</returns>
    private bool Write(SpoolFile file)
    {
        QueuedRecord[] waiting;
        long[] finished;
        RefusedRecord[] refused;
        lock (_gate)
        {
            // Also what was sent from memory while the file could not be written, and is not acknowledged.
            waiting = [.. _fresh.Records.Concat(_added).Concat(_taken).Where(record => record.FileId == 0).OrderBy(record => record.Sequence)];
            finished = [.. _finished];
            refused = [.. _refused];
        }

        if (waiting.Length + finished.Length + refused.Length == 0)
        {
            return false;
        }

        long bytes = waiting.Sum(record => (long)record.Value.Length);
        long room = file.Room(enough: 2 * bytes);
        long left = room;
        QueuedRecord[] unwritten = [.. waiting.TakeWhile(record => (left -= record.Value.Length) >= 0)];
        if (unwritten.Length < waiting.Length)
        {
            // What is there can be read back and removed all the same, which makes room.
            NoteFailure(string.Create(CultureInfo.InvariantCulture, $"Its disk has room for {long.Max(0, room)} bytes of records, and {bytes} wait; some must be left, since to remove them takes room, too."));
        }

        long[] ids = file.Write(unwritten, finished, refused);
        lock (_gate)
        {
            _finished.ExceptWith(finished);
            _refused.RemoveAll(refused.Contains);
            for (int index = 0; index < ids.Length; index++)
            {
                // Sent and acknowledged while it was being written: it had better not stay.
                unwritten[index].FileId = ids[index];
                if (unwritten[index].HasLeft)
                {
                    _finished.Add(ids[index]);
                }
                else
                {
                    Hold(unwritten[index]);
                }
            }
        }

        _mayShrink |= finished.Length > 0;
        _unsyncedSince ??= unwritten.Length > 0 ? _time.GetTimestamp() : null;
        return unwritten.Length > 0 && room / 2 >= bytes;
    }

    /// <summary>Drops the oldest beyond what may be kept: of what was read back, of what lies in the file, then of the rest.</summary>
    private void Trim(SpoolFile file)
    {
        bool checksAge = _ageCheckedAt is null || Left(_ageCheckedAt, AgeCheckInterval) == TimeSpan.Zero;
        DateTimeOffset oldest = checksAge ? _time.GetUtcNow() - _settings.AgeMax : DateTimeOffset.MinValue;
        SpoolExtent cold;
        long dropped;
        lock (_gate)
        {
            dropped = DropOldest(_readBack, oldest);
            cold = _cold;
        }

        if (cold.Count > 0 && (checksAge || Excess > 0))
        {
            List<(long Id, long Bytes)> rows = file.FindOldest(cold.From, cold.Before, IsHeldOrFinished, Excess, oldest);
            lock (_gate)
            {
                foreach ((long id, long bytes) in rows)
                {
                    _finished.Add(id);
                    _cold = _cold with { From = id + 1, Count = _cold.Count - 1, Bytes = _cold.Bytes - bytes };
                    Adjust(-bytes, records: -1);
                }

                dropped += rows.Count;
            }
        }

        lock (_gate)
        {
            dropped += DropOldest(_fresh, oldest);
            CountDropped(dropped, _settings.BytesMax, "agent.spool_max_bytes");
        }

        _ageCheckedAt = checksAge ? _time.GetTimestamp() : _ageCheckedAt;
        if (dropped > 0)
        {
            Write(file);
        }
    }

    private long Excess
    {
        get
        {
            lock (_gate)
            {
                return long.Max(0, _bytes - _settings.BytesMax);
            }
        }
    }

    private long DropOldest(RecordList list, DateTimeOffset oldest)
    {
        long dropped = 0;
        while (list.First is { } record && (_bytes > _settings.BytesMax || record.AddedAt < oldest))
        {
            list.TakeFirst();
            Forget(record);
            dropped++;
        }

        return dropped;
    }

    private void ReadBack(SpoolFile file)
    {
        SpoolExtent cold;
        lock (_gate)
        {
            if (_readBack.Count > 0 || _cold.Count == 0)
            {
                return;
            }

            cold = _cold;
        }

        var records = new List<QueuedRecord>();
        var damaged = new List<long>();
        long next = file.Read(cold.From, cold.Before, IsHeldOrFinished, _settings.WindowBytes, records, damaged);
        lock (_gate)
        {
            foreach (QueuedRecord record in records)
            {
                Hold(record);
                _readBack.Insert(record);
            }

            // What is left in the file: where all of it was gone through, nothing, whatever was counted before.
            bool isAll = next == cold.Before;
            long bytes = isAll ? 0 : _cold.Bytes - records.Sum(record => (long)record.Value.Length);
            long count = isAll ? 0 : _cold.Count - records.Count - damaged.Count;
            long missing = _cold.Count - count - records.Count;
            Adjust(bytes + records.Sum(record => (long)record.Value.Length) - _cold.Bytes, -missing);
            _cold = _cold with { From = next, Count = count, Bytes = bytes };
            _finished.UnionWith(damaged);
            if (missing > 0)
            {
                _counters.CountDropped(DropReason.SpoolDamaged, missing);
                LogUnreadable(_settings.Path, missing);
            }
        }
    }

    private void Sync(SpoolFile file)
    {
        if (Count == 0)
        {
            _unsyncedSince = null;
        }
        else if (Left(_unsyncedSince, _settings.SyncInterval) == TimeSpan.Zero)
        {
            SyncedLogBytes = file.Sync();
            _unsyncedSince = null;
        }
    }

    /// <summary>Of what is in the file only the newest stays in memory.</summary>
    private void LeaveToTheFile()
    {
        while (_fresh.Bytes > long.Min(_settings.WindowBytes, _settings.MemoryBytesMax) && _fresh.First is { FileId: not 0, IsPiece: false } record)
        {
            _fresh.TakeFirst();
            Release(record.FileId);
            _cold = new SpoolExtent(
                _cold.Count + 1,
                _cold.Bytes + record.Value.Length,
                _cold.Count == 0 ? record.FileId : long.Min(_cold.From, record.FileId),
                long.Max(_cold.Before, record.FileId + 1));
        }
    }

    private void DropWhatMemoryCannotHold()
    {
        long dropped = 0;
        while (_fresh.Bytes > _settings.MemoryBytesMax && _fresh.TakeFirst() is { } record)
        {
            Forget(record);
            dropped++;
        }

        CountDropped(dropped, _settings.MemoryBytesMax, "agent.queue_max_bytes");
    }

    private void CountDropped(long records, long bytesMax, string setting)
    {
        _counters.CountDropped(DropReason.QueueFull, records);
        if (records > 0 && !_isFull)
        {
            _isFull = true;
            _tell += () => LogFull(bytesMax, setting);
        }
    }

    private void Fail(Exception error)
    {
        (_failedAt, _mayShrink) = (_time.GetTimestamp(), false);
        Close();
        NoteFailure(error.Message);
        if (error is SqliteException damage && DamagedSpool.Is(damage))
        {
            // The next step opens it, sees the damage and sets it aside; there is no use in waiting for that.
            _failedAt -= _time.TimestampFrequency * (long)RetryInterval.TotalSeconds;
        }
    }

    private void NoteFailure(string reason)
    {
        if (_failingSince is null)
        {
            _failingSince = _time.GetTimestamp();
            _counters.CountSpoolFailed();
            LogFailed(_settings.Path, reason, _settings.MemoryBytesMax);
        }
    }

    private void Close()
    {
        try
        {
            _file?.Dispose();
        }
        catch (SqliteException error)
        {
            LogNotClosed(_settings.Path, error.Message);
        }

        _file = null;
    }

    private bool IsHeldOrFinished(long id)
    {
        lock (_gate)
        {
            return _held.ContainsKey(id) || _finished.Contains(id);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool {Path} cannot be used: {Reason} Scrapes are kept in memory, up to {BytesMax} bytes (agent.queue_max_bytes), until it can. Check the disk's room and who may write there")]
    private partial void LogFailed(string path, string reason, long bytesMax);

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool {Path} has not answered for {Seconds} s. Scrapes are kept in memory, up to {BytesMax} bytes (agent.queue_max_bytes), and sent from there, until it does. Check the disk")]
    private partial void LogHangs(string path, long seconds, long bytesMax);

    [LoggerMessage(Level = LogLevel.Information, Message = "The spool {Path} works again after {Seconds} s")]
    private partial void LogWorksAgain(string path, long seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool {Path} is damaged: {Reason} It was set aside as {Aside}; {Saved} records were saved from it, {Lost} records are lost")]
    private partial void LogDamaged(string path, string reason, string aside, long saved, string lost);

    [LoggerMessage(Level = LogLevel.Error, Message = "The log of the spool {Path} is damaged: an unknown number of the records added last are lost; a copy of it was set aside as {Aside}")]
    private partial void LogTailLost(string path, string aside);

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool {Path} was damaged and the agent ended while it saved what could be read: all of that is here, and an unknown number of records are lost")]
    private partial void LogFinished(string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "Another file stands in place of the spool {Path}: {Lost} records that waited in the old one are lost, and counted as dropped")]
    private partial void LogVanished(string path, long lost);

    [LoggerMessage(Level = LogLevel.Error, Message = "In the spool {Path}, {Lost} records are no longer what was written; they are dropped, and counted")]
    private partial void LogUnreadable(string path, long lost);

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue is full ({BytesMax} bytes, {Setting}) or its oldest records too old (agent.spool_max_age_hours): they are dropped, and counted, until Kafka takes some")]
    private partial void LogFull(long bytesMax, string setting);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The spool {Path} was not closed in order: {Reason}")]
    private partial void LogNotClosed(string path, string reason);
}
