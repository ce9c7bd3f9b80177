using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Hostwire.Collectors;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace Hostwire.Agent.Spool;

/// <summary>The spool's SQLite file: a row for each record that no broker has acknowledged. Held by one process at a time. Not safe for use by several threads at once.</summary>
/// <remarks>
/// In WAL mode with <c>synchronous=NORMAL</c> a commit survives the death of the process at once, and a power cut as soon as the kernel has written it, which
/// <see cref="Sync"/> enforces. Every row has a checksum of its own, since SQLite has none on its pages.
/// </remarks>
internal sealed class SpoolFile : IDisposable
{
    // "Hwir" as SQLite keeps it; tells a spool from anybody else's database.
    private const int ApplicationId = 0x48776972;
    private const int FormatVersion = 1;

    // Free pages of 4 KiB that are kept for the next records, and how many are given back at a time.
    private const int FreePagesKept = 256;
    private const int FreePagesAtATime = 256;

    // What is kept free on the disk, or a quarter of a small one: to remove a record takes room first, in the log, and so does opening a file whose log is to be
    // brought home. A spool that filled its own disk could not be emptied any more.
    private const long RoomKept = 16 * 1024 * 1024;

    private static readonly long OldestMillis = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long NewestMillis = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>How many refused records are kept, the newest ones.</summary>
    public const int RefusedMax = 100;

    /// <summary>What SQLite puts behind the file's name for its log.</summary>
    public const string LogSuffix = "-wal";

    /// <summary>What <see cref="TryRead"/> reads.</summary>
    public const string SelectRecords = "SELECT id, added_at, checksum, value FROM record";

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _setAside;
    private readonly SqliteParameter _addedAt;
    private readonly SqliteParameter _checksum;
    private readonly SqliteParameter _value;
    private readonly SqliteParameter _deletedId;
    private readonly string _path;
    private readonly byte[] _folder;

    static SpoolFile() => SQLitePCL.Batteries_V2.Init();

    private SpoolFile(string path, SqliteConnection connection)
    {
        _path = path;
        _folder = Encoding.UTF8.GetBytes(Path.GetDirectoryName(Path.GetFullPath(path)) + "\0");
        _connection = connection;
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _insert = Command("INSERT INTO record (added_at, checksum, value) VALUES ($added_at, $checksum, $value) RETURNING id");
        _addedAt = _insert.Parameters.Add("$added_at", SqliteType.Integer);
        _checksum = _insert.Parameters.Add("$checksum", SqliteType.Integer);
        _value = _insert.Parameters.Add("$value", SqliteType.Blob);
        _delete = Command("DELETE FROM record WHERE id = $id");
        _deletedId = _delete.Parameters.Add("$id", SqliteType.Integer);
        _setAside = Command($"""
            INSERT INTO refused (refused_at, reason, value) VALUES ($refused_at, $reason, $value);
            DELETE FROM refused WHERE id <= (SELECT max(id) FROM refused) - {RefusedMax};
            """);
    }

    /// <summary>A random number that this file has had since it was made.</summary>
    public required long Identity { get; init; }

    /// <summary>Where its log was copied to, because it held transactions behind a damaged place, which SQLite drops; null where it did not.</summary>
    public string? LogAside { get; init; }

    /// <summary>Opens the file, and makes it where there is none.</summary>
    /// <exception cref="SqliteException">It cannot be opened, is damaged, or another process holds it.</exception>
    /// <exception cref="NotASpoolException">It is a sound database of something else, or of a later version.</exception>
    public static SpoolFile Open(string path)
    {
        // Retrying is our own caller's business: no waiting for a lock, no pool that would keep it.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            long lastCommit = WriteAheadLog.LastCommit(path + LogSuffix);

            // SQLite removes a log without its file.
            string? logAside = lastCommit > 0 && !File.Exists(path) ? DamagedSpool.SetLogAside(path) : null;
            connection.Open();
            Run(connection, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -256");
            RequireOurs(connection, path);
            logAside ??= lastCommit > FramesRead(connection) ? DamagedSpool.SetLogAside(path) : null;
            Run(connection, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 256; PRAGMA journal_size_limit = 1048576");
            RequireSound(connection);
            Run(connection, $"""
                BEGIN IMMEDIATE;
                PRAGMA application_id = {ApplicationId};
                PRAGMA user_version = {FormatVersion};
                CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY, added_at INTEGER NOT NULL, checksum INTEGER NOT NULL, value BLOB NOT NULL);
                CREATE TABLE IF NOT EXISTS refused (id INTEGER PRIMARY KEY, refused_at INTEGER NOT NULL, reason TEXT NOT NULL, value BLOB NOT NULL);
                CREATE TABLE IF NOT EXISTS file (identity INTEGER NOT NULL);
                INSERT INTO file (identity) SELECT random() WHERE NOT EXISTS (SELECT * FROM file);
                COMMIT;
                """);

            // From here on the names of the files and what was committed before are on the disk, also after a power cut.
            Run(connection, "PRAGMA wal_checkpoint(FULL)");
            return new SpoolFile(path, connection) { Identity = Number(connection, "SELECT identity FROM file LIMIT 1"), LogAside = logAside };
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>What it holds beside rows that are to be left out.</summary>
    public SpoolExtent Measure(Func<long, bool> leaveOut)
    {
        using SqliteCommand command = Command("SELECT id, length(value) FROM record ORDER BY id");
        using SqliteDataReader reader = command.ExecuteReader();
        var extent = new SpoolExtent(0, 0, 0, 0);
        while (reader.Read())
        {
            long id = reader.GetInt64(0);
            if (!leaveOut(id))
            {
                extent = new SpoolExtent(extent.Count + 1, extent.Bytes + reader.GetInt64(1), extent.Count == 0 ? id : extent.From, id + 1);
            }
        }

        return extent;
    }

    /// <summary>For how many bytes of records the disk has room.</summary>
    /// <param name="enough">Where there is room for so many it looks no closer.</param>
    public long Room(long enough)
    {
        // Some file systems do not say: the write will tell.
        if (Statvfs.Read(_folder, out FilesystemUsage disk) != 0 || disk.Blocks == 0)
        {
            return long.MaxValue;
        }

        // They take it twice, in the log and in the file, until the log is written anew.
        long free = (long)(disk.AvailableBlocks * disk.BlockBytes) - long.Min(RoomKept, (long)(disk.Blocks * disk.BlockBytes / 4));
        if (free / 2 >= enough)
        {
            return free / 2;
        }

        // With the log brought home and the file's free pages given back there would be more.
        long pages = Number(_connection, "PRAGMA page_count") - Number(_connection, "PRAGMA freelist_count");
        free += new FileInfo(_path).Length + new FileInfo(_path + LogSuffix).Length - (pages * Number(_connection, "PRAGMA page_size"));
        return free / 2;
    }

    /// <summary>Adds records, removes rows and sets refused records aside, all or nothing.</summary>
    /// <returns>The ids of the added ones.</returns>
    public long[] Write(IReadOnlyList<QueuedRecord> added, IReadOnlyList<long> removed, IReadOnlyList<RefusedRecord> refused)
    {
        long[] ids = new long[added.Count];
        _begin.ExecuteNonQuery();
        for (int index = 0; index < ids.Length; index++)
        {
            _addedAt.Value = added[index].AddedAt.ToUnixTimeMilliseconds();
            _checksum.Value = (long)Checksum(added[index].Value);
            _value.Value = added[index].Value;
            ids[index] = (long)_insert.ExecuteScalar()!;
        }

        foreach (long id in removed)
        {
            _deletedId.Value = id;
            _delete.ExecuteNonQuery();
        }

        foreach (RefusedRecord record in refused)
        {
            _setAside.Parameters.Clear();
            _setAside.Parameters.AddWithValue("$refused_at", record.At.ToUnixTimeMilliseconds());
            _setAside.Parameters.AddWithValue("$reason", record.Reason);
            _setAside.Parameters.AddWithValue("$value", record.Value);
            _setAside.ExecuteNonQuery();
        }

        // Where any of this fails the caller closes the file, which rolls back what is open.
        _commit.ExecuteNonQuery();
        _value.Value = DBNull.Value;
        return ids;
    }

    /// <summary>Reads records in the order of their ids.</summary>
    /// <param name="from">The first id.</param>
    /// <param name="before">The id to stop before.</param>
    /// <param name="skip">Which ids are wanted by nobody.</param>
    /// <param name="bytesMax">At so many bytes or more it stops.</param>
    /// <param name="records">Where the records go.</param>
    /// <param name="damaged">Where the ids of rows go whose value is no longer what was written.</param>
    /// <returns>The id to go on from; <paramref name="before"/> if there are no more.</returns>
    public long Read(long from, long before, Func<long, bool> skip, long bytesMax, List<QueuedRecord> records, List<long> damaged)
    {
        using SqliteCommand command = Command(SelectRecords + " WHERE id >= $from AND id < $before ORDER BY id");
        command.Parameters.AddWithValue("$from", from);
        command.Parameters.AddWithValue("$before", before);
        using SqliteDataReader reader = command.ExecuteReader();
        for (long bytes = 0; reader.Read();)
        {
            RequireRow(reader, from);
            long id = reader.GetInt64(0);
            if (bytes >= bytesMax)
            {
                return id;
            }

            if (skip(id))
            {
                continue;
            }

            if (TryRead(reader) is { } record)
            {
                bytes += record.Value.Length;
                records.Add(record);
            }
            else
            {
                damaged.Add(id);
            }
        }

        return before;
    }

    /// <summary>The oldest rows that must go so that so many bytes are free and none is older than allowed.</summary>
    /// <param name="from">The first id.</param>
    /// <param name="before">The id to stop before.</param>
    /// <param name="keep">Which ids may not go.</param>
    /// <param name="bytes">How many bytes must become free.</param>
    /// <param name="oldest">What was added before this goes anyway.</param>
    public List<(long Id, long Bytes)> FindOldest(long from, long before, Func<long, bool> keep, long bytes, DateTimeOffset oldest)
    {
        using SqliteCommand command = Command("SELECT id, added_at, length(value) FROM record WHERE id >= $from AND id < $before ORDER BY id");
        command.Parameters.AddWithValue("$from", from);
        command.Parameters.AddWithValue("$before", before);
        using SqliteDataReader reader = command.ExecuteReader();
        var found = new List<(long Id, long Bytes)>();
        while (reader.Read())
        {
            RequireRow(reader, from);
            if (bytes <= 0 && reader.GetInt64(1) >= oldest.ToUnixTimeMilliseconds())
            {
                break;
            }

            if (!keep(reader.GetInt64(0)))
            {
                found.Add((reader.GetInt64(0), reader.GetInt64(2)));
                bytes -= reader.GetInt64(2);
            }
        }

        return found;
    }

    /// <summary>Makes what was written so far survive a power cut.</summary>
    /// <returns>How long the log is of which that is true.</returns>
    public long Sync()
    {
        // All commits since the last checkpoint are in this file; a checkpoint syncs by itself.
        using SafeFileHandle log = File.OpenHandle(_path + LogSuffix, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        long length = RandomAccess.GetLength(log);
        RandomAccess.FlushToDisk(log);
        return length;
    }

    /// <summary>Gives room that is no longer needed back to the file system, a megabyte at a time; false when there is no more to give.</summary>
    public bool Shrink()
    {
        if (Number(_connection, "PRAGMA freelist_count") <= FreePagesKept)
        {
            return false;
        }

        Run(_connection, $"PRAGMA incremental_vacuum({FreePagesAtATime})");

        // The file itself becomes shorter when the log is brought home.
        Run(_connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        return true;
    }

    /// <summary>The record of a row; null where its bytes are no longer what was written.</summary>
    public static QueuedRecord? TryRead(SqliteDataReader reader)
    {
        byte[] value = reader.GetFieldValue<byte[]>(3);
        long addedAt = reader.GetInt64(1);

        // A time that none can be is damage, too; one that may be is the record's, since the checksum is of the value alone.
        return Checksum(value) == reader.GetInt64(2) && addedAt >= OldestMillis && addedAt <= NewestMillis
            ? new QueuedRecord(reader.GetInt64(0), value) { FileId = reader.GetInt64(0), AddedAt = DateTimeOffset.FromUnixTimeMilliseconds(addedAt) }
            : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        _insert.Dispose();
        _delete.Dispose();
        _setAside.Dispose();
        _connection.Dispose();
    }

    private static void RequireOurs(SqliteConnection connection, string path)
    {
        bool isEmpty = Number(connection, "SELECT count(*) FROM sqlite_master") == 0;
        if (!isEmpty && Number(connection, "PRAGMA application_id") != ApplicationId)
        {
            throw new NotASpoolException($"{path} is a database of something else, not a spool: set agent.spool_file to another file.");
        }

        if (Number(connection, "PRAGMA user_version") > FormatVersion)
        {
            throw new NotASpoolException($"The spool {path} was made by a later version of Hostwire: use that one, or move the file away.");
        }
    }

    /// <summary>How many frames of its log SQLite has found sound.</summary>
    private static long FramesRead(SqliteConnection connection)
    {
        // It brings home what it can at once, and says of how many frames: (busy, frames, brought home), -1 where there is no log.
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read() ? long.Max(0, reader.GetInt64(1)) : 0;
    }

    private static void RequireSound(SqliteConnection connection)
    {
        using SqliteCommand check = connection.CreateCommand();
        check.CommandText = "PRAGMA quick_check(1)";
        if (check.ExecuteScalar() is not "ok")
        {
            throw new SqliteException("The file is damaged.", SQLitePCL.raw.SQLITE_CORRUPT);
        }
    }

    // Where a page was overwritten, what is there may pass for a row of a number that was not asked for, or without values.
    private static void RequireRow(SqliteDataReader reader, long from)
    {
        bool isRow = reader.GetInt64(0) >= from;
        for (int column = 1; column < reader.FieldCount; column++)
        {
            isRow &= !reader.IsDBNull(column);
        }

        if (!isRow)
        {
            throw new SqliteException("A row of the file makes no sense.", SQLitePCL.raw.SQLITE_CORRUPT);
        }
    }

    // To the end of each result: a PRAGMA works only as far as it is stepped.
    private static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader reader = command.ExecuteReader();
        do
        {
            while (reader.Read())
            {
            }
        }
        while (reader.NextResult());
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static uint Checksum(ReadOnlySpan<byte> value)
    {
        uint checksum = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(value);
        foreach (ulong word in words)
        {
            checksum = BitOperations.Crc32C(checksum, word);
        }

        foreach (byte rest in value[(words.Length * sizeof(ulong))..])
        {
            checksum = BitOperations.Crc32C(checksum, rest);
        }

        return ~checksum;
    }

    private SqliteCommand Command(string sql)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
