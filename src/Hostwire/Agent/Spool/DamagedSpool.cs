using Microsoft.Data.Sqlite;

namespace Hostwire.Agent.Spool;

/// <summary>What is done with a spool's file that is damaged: it is set aside, and what can still be read of it goes into a new one.</summary>
internal sealed class DamagedSpool
{
    private const string Suffix = ".damaged";
    private const long BytesAtATime = 1024 * 1024;

    private readonly SpoolFile _into;
    private readonly List<QueuedRecord> _records = [];
    private long _bytes;
    private long? _lastRead;
    private long _damagedRows;

    private DamagedSpool(SpoolFile into) => _into = into;

    /// <summary>Whether an error says that the file is damaged, and not that the disk is full or somebody else has it.</summary>
    public static bool Is(SqliteException error) => error.SqliteErrorCode is SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB;

    /// <summary>Sets the file aside, in place of one that was set aside before.</summary>
    /// <returns>Where it is now.</returns>
    public static string SetAside(string path)
    {
        string aside = path + Suffix;
        foreach (string part in (string[])["", SpoolFile.LogSuffix, "-shm"])
        {
            // The log goes with its file, or its records would be lost too.
            if (File.Exists(path + part))
            {
                File.Move(path + part, aside + part, overwrite: true);
            }
            else
            {
                File.Delete(aside + part);
            }
        }

        return aside;
    }

    /// <summary>Keeps a copy of the log beside it, before it is written to.</summary>
    /// <returns>Where the copy is.</returns>
    public static string SetLogAside(string path)
    {
        string aside = path + Suffix + SpoolFile.LogSuffix;
        File.Copy(path + SpoolFile.LogSuffix, aside, overwrite: true);
        return aside;
    }

    /// <summary>Copies what can be read, from both ends up to the damage, into a new file.</summary>
    /// <returns>How many records are missing; of those between the two ends only the most there can have been is known, since some had perhaps been sent and deleted. Null where not even that can be told.</returns>
    public static (long? Lost, bool IsExact) Salvage(string aside, SpoolFile into)
    {
        var salvage = new DamagedSpool(into);
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = aside, Pooling = false, DefaultTimeout = 1 }.ToString());
            connection.Open();
            if (salvage.Read(connection, "ORDER BY id", isForward: true))
            {
                return (salvage._damagedRows, IsExact: true);
            }

            long? front = salvage._lastRead;
            salvage.Read(connection, $"WHERE id > {front ?? long.MinValue} ORDER BY id DESC", isForward: false);
            return (front is { } last && salvage._lastRead is { } end && end > last ? end - last - 1 + salvage._damagedRows : null, IsExact: false);
        }
        catch (SqliteException)
        {
            // Not even its first page makes sense. The caller says that nothing was saved.
            return (null, IsExact: false);
        }
    }

    /// <summary>Reads as far as it goes; true if that was to the end.</summary>
    private bool Read(SqliteConnection connection, string order, bool isForward)
    {
        bool toTheEnd = false;
        long? before = null;
        try
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = $"{SpoolFile.SelectRecords} {order}";
            using SqliteDataReader reader = command.ExecuteReader();
            bool isSound = true;
            while (isSound && reader.Read())
            {
                // A row that was overwritten may still be a row to SQLite, with any number, such as 0.
                long id = reader.GetInt64(0);
                isSound = before is not { } last || (isForward ? id > last : id < last);
                before = id;
                if (isSound)
                {
                    Keep(reader);
                }
            }

            toTheEnd = isSound;
        }
        catch (Exception error) when (error is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CORRUPT } or InvalidCastException or InvalidOperationException)
        {
            // As far as the damage: the other end may have more.
        }

        Flush();
        return toTheEnd;
    }

    private void Keep(SqliteDataReader reader)
    {
        _lastRead = reader.GetInt64(0);
        if (SpoolFile.TryRead(reader) is not { } record)
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
}
