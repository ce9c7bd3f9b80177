using Microsoft.Data.Sqlite;

namespace Hostwire.Agent.Spool;

/// <summary>What is done with a spool's file that is damaged: what can still be read of it goes into a new one, and it is set aside.</summary>
/// <remarks>
/// Whatever ends this in the middle, a kill or a disk without room, it is begun anew: the damaged file stays where it is until the new one is complete, which its name says then.
/// </remarks>
internal sealed class DamagedSpool
{
    private const string AsideSuffix = ".damaged";
    private const string UnfinishedSuffix = ".salvaging";
    private const string FinishedSuffix = ".salvaged";
    private const long BytesAtATime = 1024 * 1024;

    // A log goes with its file, or its records would be lost too.
    private static readonly string[] Parts = ["", SpoolFile.LogSuffix, "-shm"];

    private readonly SpoolFile _into;
    private readonly List<QueuedRecord> _records = [];
    private long _bytes;
    private long? _last;
    private long _damagedRows;

    private DamagedSpool(SpoolFile into) => _into = into;

    /// <summary>Whether an error says that the file is damaged, and not that the disk is full or somebody else has it.</summary>
    public static bool Is(SqliteException error) => error.SqliteErrorCode is SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB;

    /// <summary>Keeps a copy of the log beside it, before it is written to.</summary>
    /// <returns>Where the copy is.</returns>
    public static string SetLogAside(string path)
    {
        string aside = path + AsideSuffix + SpoolFile.LogSuffix;
        File.Copy(path + SpoolFile.LogSuffix, aside, overwrite: true);
        return aside;
    }

    /// <summary>Puts a new file with all that can be read in the place of a damaged one, which is set aside in place of one that was set aside before.</summary>
    /// <returns>Where it is now; how many records are missing, of which only the most there can have been is known where some of the damaged place had perhaps been sent and deleted; null where not even that is.</returns>
    /// <exception cref="SqliteException">The old file cannot be read for another reason, or the new one not be written: nothing has changed.</exception>
    /// <exception cref="IOException">The same, or the disk has no room for both.</exception>
    public static (string Aside, long? Lost, bool IsExact) Replace(string path)
    {
        string unfinished = path + UnfinishedSuffix;
        Delete(unfinished);
        (long? Lost, bool IsExact) salvaged;
        try
        {
            using (SpoolFile into = SpoolFile.Open(unfinished))
            {
                long bytes = new FileInfo(path).Length;
                if (into.Room(enough: bytes) is var room && room < bytes)
                {
                    throw new IOException($"It is damaged, and to save what can be read of it takes {bytes} bytes. Its disk has room for {long.Max(0, room)}.");
                }

                salvaged = Salvage(path, into);
            }

            if (File.Exists(unfinished + SpoolFile.LogSuffix))
            {
                throw new IOException($"{unfinished} cannot be completed.");
            }
        }
        catch
        {
            Delete(unfinished);
            throw;
        }

        Delete(path + AsideSuffix);
        Delete(path + FinishedSuffix);
        Move(unfinished, path + FinishedSuffix);
        Finish(path);
        return (path + AsideSuffix, salvaged.Lost, salvaged.IsExact);
    }

    /// <summary>Takes the last steps of a replacement, also of one that was ended before them; false where there is none.</summary>
    public static bool Finish(string path)
    {
        if (!File.Exists(path + FinishedSuffix))
        {
            return false;
        }

        Move(path, path + AsideSuffix);
        Move(path + FinishedSuffix, path);
        return true;
    }

    /// <summary>Copies what can be read up to the damage, and then what can be read behind it.</summary>
    private static (long? Lost, bool IsExact) Salvage(string path, SpoolFile into)
    {
        var salvage = new DamagedSpool(into);
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ToString());
        connection.Open();

        // Nobody else then, and no file beside it for sharing, for which a full disk would have no room.
        using (SqliteCommand alone = connection.CreateCommand())
        {
            alone.CommandText = "PRAGMA locking_mode = EXCLUSIVE";
            alone.ExecuteNonQuery();
        }

        if (salvage.Copy(connection, from: long.MinValue))
        {
            return (salvage._damagedRows, IsExact: true);
        }

        // From the end back to the damage, to find where it ends; from there on it can be read in the order in which it was written.
        long? before = salvage._last;
        long? behind = null;
        Walk(connection, $"WHERE id > {before ?? long.MinValue} ORDER BY id DESC", isForward: false, (id, _) => behind = id);
        if (behind is { } first)
        {
            salvage.Copy(connection, from: first);
        }

        return (before is { } last && behind is { } next ? next - last - 1 + salvage._damagedRows : null, IsExact: false);
    }

    /// <summary>Goes from row to row as far as it can; true if that was to the end. What cannot be read is null.</summary>
    private static bool Walk(SqliteConnection connection, string which, bool isForward, Action<long, QueuedRecord?> visit)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"{SpoolFile.SelectRecords} {which}";
        SqliteDataReader? reader = null;
        try
        {
            // A row that was overwritten may still be a row to SQLite, with any number, such as 0: a number counts once the next one fits it.
            (long Id, QueuedRecord? Record)? last = null;
            while (true)
            {
                (long Id, QueuedRecord? Record)? next;
                try
                {
                    reader ??= command.ExecuteReader();
                    next = reader.Read() ? (reader.GetInt64(0), SpoolFile.TryRead(reader)) : null;
                }
                catch (Exception error) when (IsDamage(error))
                {
                    // As far as the damage, or as the disk can read. A row without a record may be a part of it.
                    Visit(last?.Record is null ? null : last);
                    return false;
                }

                if (last is { } row && next is { } following && (isForward ? following.Id <= row.Id : following.Id >= row.Id))
                {
                    return false;
                }

                Visit(last);
                if (next is null)
                {
                    return true;
                }

                last = next;
            }
        }
        finally
        {
            reader?.Dispose();
        }

        void Visit((long Id, QueuedRecord? Record)? row)
        {
            if (row is { } it)
            {
                visit(it.Id, it.Record);
            }
        }
    }

    private static bool IsDamage(Exception error) => error switch
    {
        SqliteException sqlite => Is(sqlite) || sqlite.SqliteExtendedErrorCode is SQLitePCL.raw.SQLITE_IOERR_READ or SQLitePCL.raw.SQLITE_IOERR_SHORT_READ,
        _ => error is InvalidCastException or InvalidOperationException,
    };

    private bool Copy(SqliteConnection connection, long from)
    {
        bool toTheEnd = Walk(connection, $"WHERE id >= {from} ORDER BY id", isForward: true, Keep);
        Flush();
        return toTheEnd;
    }

    private void Keep(long id, QueuedRecord? row)
    {
        _last = id;
        if (row is not { } record)
        {
            _damagedRows++;
            return;
        }

        _records.Add(record);
        _bytes += record.Value.Length;
        if (_bytes >= BytesAtATime)
        {
            Flush();
        }
    }

    private void Flush()
    {
        _into.Write(_records, [], []);
        _records.Clear();
        _bytes = 0;
    }

    private static void Delete(string path)
    {
        foreach (string part in Parts)
        {
            File.Delete(path + part);
        }
    }

    private static void Move(string from, string to)
    {
        foreach (string part in Parts)
        {
            if (File.Exists(from + part))
            {
                File.Move(from + part, to + part, overwrite: true);
            }
        }
    }
}
