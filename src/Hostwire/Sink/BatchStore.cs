using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Hostwire.Store;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Hostwire.Sink;

/// <summary>
/// Stores batches, in two steps that may go on at the same time for two of them: decoding, which needs nobody, and storing, first dictionary rows in a transaction of their own, then, in one,
/// frames, everything set aside, and the step that takes the records from where they come from.
/// </summary>
internal sealed partial class BatchStore(IRecordSource source, FrameRules rules, ILogger logger, TimeProvider time) : IDisposable
{
    // A COPY that meets a duplicate is rolled back and leaves its size behind as bloat, so after one we stay careful for a while.
    private const int CarefulBatches = 16;

    // Even then another sink may put a frame where we were about to: of the same host and time, but out of another partition of the topic.
    private const int CollisionsMax = 5;

    private const string FrameCopyStatement = "copy hostwire.frame (time, host_id, layout_id, slot, values) from stdin (format binary)";
    private const string IncomingCopyStatement = "copy incoming (ordinal, time, host_id, layout_id, slot, values) from stdin (format binary)";

    // Of every host and time that comes in: the layouts that are stored of it, and in which slots. Looked up once for each, since a host may have a thousand frames of one time.
    // $1 and $2 are the first and the last time, so that the planner need not look at every day that is kept, and lock it.
    private const string StoredFrames = """
        stored as materialized (
          select t.host_id, t.time, f.layouts, f.slots
          from (select distinct host_id, time from incoming) t
          cross join lateral (
            select coalesce(array_agg(f.layout_id), '{}') as layouts, coalesce(array_agg(f.slot), '{}') as slots
            from hostwire.host_slot o join hostwire.frame f on f.host_id = o.host_id and f.slot = o.slot
            where o.host_id = t.host_id and f.time = t.time and f.time between $1 and $2) f)
        """;

    // Whoever has it may use the two below and all their entries.
    private readonly SemaphoreSlim _gate = new(1);
    private readonly SeriesCache _cache = new(rules);
    private readonly DayPartitions _days = new();

    private readonly ConcurrentBag<PreparedBatch> _idle = [];
    private int _generation;
    private int _carefulBatches;

    /// <summary>How much its caches hold.</summary>
    public CacheSizes Caches { get; private set; } = new(0, 0, 0, 0, 0);

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    /// <summary>Decodes records, and encodes them for PostgreSQL as far as they say nothing new. Give the batch back with <see cref="Return"/>.</summary>
    public async Task<PreparedBatch> PrepareAsync(ReadOnlyMemory<RawRecord> records, CancellationToken cancellationToken)
    {
        if (!_idle.TryTake(out PreparedBatch? batch))
        {
            batch = new PreparedBatch(new FrameBatch(_cache, rules));
        }

        await PrepareAsync(batch, records, cancellationToken);
        return batch;
    }

    /// <summary>The same anew, because some of its records are not to be stored by us any more.</summary>
    public async Task PrepareAsync(PreparedBatch batch, ReadOnlyMemory<RawRecord> records, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            Prepare(batch, records);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes a batch back for others.</summary>
    public void Return(PreparedBatch batch)
    {
        batch.Clear();
        _idle.Add(batch);
    }

    /// <summary>Stores records, each in its turn; where PostgreSQL refuses one of them as bad data, that one alone is set aside.</summary>
    /// <inheritdoc cref="StoreAsync(NpgsqlConnection, PreparedBatch, CancellationToken)"/>
    public async IAsyncEnumerable<BatchOutcome> StoreAsync(
        NpgsqlConnection connection, ReadOnlyMemory<RawRecord> records, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PreparedBatch batch = await PrepareAsync(records, cancellationToken);
        await foreach (BatchOutcome outcome in StoreAsync(connection, batch, cancellationToken))
        {
            yield return outcome;
        }

        Return(batch);
    }

    /// <summary>Stores the records of a batch, each in its turn; where PostgreSQL refuses one of them as bad data, that one alone is set aside.</summary>
    /// <returns>What each committed transaction did: one, or several where the batch had to be split.</returns>
    /// <exception cref="FencedException">Another sink has claimed a partition, or the stored offset is not where we left it. Nothing was stored.</exception>
    /// <exception cref="NpgsqlException">The database is not there or refuses; what was not reported as stored may or may not have been.</exception>
    public async IAsyncEnumerable<BatchOutcome> StoreAsync(
        NpgsqlConnection connection, PreparedBatch batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Last in, first out, so that the parts of a batch that had to be split are stored in its order.
        var parts = new Stack<ReadOnlyMemory<RawRecord>>();
        Push(batch.Rest);
        Push(batch.Records);
        while (parts.TryPop(out ReadOnlyMemory<RawRecord> part))
        {
            if (!part.Equals(batch.Records) || batch.Generation != _generation)
            {
                await PrepareAsync(batch, part, cancellationToken);
                Push(batch.Rest);
                part = batch.Records;
            }

            BatchOutcome? outcome = null;
            try
            {
                outcome = await StoreOnceAsync(connection, batch, refusal: null, cancellationToken);
            }
            catch (PostgresException refused) when (PostgresTrouble.IsDataError(refused))
            {
                if (part.Length == 1)
                {
                    outcome = await StoreOnceAsync(connection, batch, $"PostgreSQL refuses it: {refused.MessageText} (SQLSTATE {refused.SqlState}).", cancellationToken);
                }
                else
                {
                    int half = part.Length / 2;
                    parts.Push(part[half..]);
                    parts.Push(part[..half]);
                }
            }

            if (outcome is { } stored)
            {
                yield return stored;
            }
        }

        void Push(ReadOnlyMemory<RawRecord> part)
        {
            if (!part.IsEmpty)
            {
                parts.Push(part);
            }
        }
    }

    /// <summary>Forgets what the database was known to hold, and with it all that was decoded by then.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        _cache.Clear();
        _days.Forget();
        _generation++;
        _gate.Release();
    }

    /// <summary>Forgets which days are kept: time has passed.</summary>
    public async Task ForgetDaysAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        _days.Forget();
        _gate.Release();
    }

    private void Prepare(PreparedBatch batch, ReadOnlyMemory<RawRecord> records)
    {
        batch.Decode(records, _generation);
        if (UnknownOf(batch).Length == 0 && ChangedHostsOf(batch).Length == 0)
        {
            batch.Arrange();
            if (UnknownOf(batch).Length == 0 && _days.AreKnown(batch.Frames.Frames))
            {
                batch.Encode(_days);
            }
        }

        Caches = _cache.Sizes;
    }

    private async Task<BatchOutcome> StoreOnceAsync(NpgsqlConnection connection, PreparedBatch batch, string? refusal, CancellationToken cancellationToken)
    {
        if (!batch.IsReady || refusal is not null)
        {
            await CompleteAsync(connection, batch, refusal, cancellationToken);
        }

        BatchOutcome outcome = await CommitAsync(connection, batch, cancellationToken);
        _carefulBatches = outcome.Duplicates + outcome.Conflicts > 0 ? CarefulBatches : Math.Max(0, _carefulBatches - 1);
        return outcome;
    }

    /// <summary>Does what was left to be done because the database has to be asked.</summary>
    private async Task CompleteAsync(NpgsqlConnection connection, PreparedBatch batch, string? refusal, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (refusal is not null)
            {
                batch.Refuse(refusal);
            }
            else
            {
                await MakeDictionaryRowsAsync(connection, batch, cancellationToken);
            }

            await _days.EnsureAsync(connection, batch.Frames.Frames, cancellationToken);
            batch.Encode(_days);
            Caches = _cache.Sizes;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Commits; where a duplicate or a missing partition is in the way, once more in the way that gets round it. A batch may meet both.</summary>
    private async Task<BatchOutcome> CommitAsync(NpgsqlConnection connection, PreparedBatch batch, CancellationToken cancellationToken)
    {
        bool careful = _carefulBatches > 0;
        int collisions = 0;
        bool daysAreFresh = false;
        while (true)
        {
            try
            {
                return await CommitAsync(connection, batch, careful, cancellationToken);
            }
            catch (PostgresException duplicate) when (duplicate.SqlState is PostgresErrorCodes.UniqueViolation && collisions++ < CollisionsMax)
            {
                careful = true;
            }
            catch (PostgresException missing) when (missing.SqlState is PostgresErrorCodes.CheckViolation && !daysAreFresh)
            {
                // A partition went away (dropped by retention, or the database was replaced): look at the days again, once.
                daysAreFresh = true;
                await ForgetDaysAsync(cancellationToken);
                await CompleteAsync(connection, batch, refusal: null, cancellationToken);
            }
        }
    }

    private static DictionaryEntry[] UnknownOf(PreparedBatch batch) => batch.Frames.Unknown.Count == 0 ? [] : [.. batch.Frames.Unknown.Where(entry => !entry.IsKnown)];

    private HostEntry[] ChangedHostsOf(PreparedBatch batch) => batch.Frames.ChangedHosts.Count == 0 ? [] : [.. batch.Frames.ChangedHosts.Where(host => host.IsUpdateDue(time))];

    /// <summary>Finds or makes the rows of hosts, metrics, series and layouts, commits, and only then takes their numbers over.</summary>
    private async Task MakeDictionaryRowsAsync(NpgsqlConnection connection, PreparedBatch batch, CancellationToken cancellationToken)
    {
        if (!batch.IsArranged)
        {
            // Since it was decoded, the batch before may have made them.
            await MakeSeriesAsync(connection, UnknownOf(batch), ChangedHostsOf(batch), cancellationToken);
            batch.Arrange();
        }

        LayoutEntry[] layouts = [.. UnknownOf(batch).OfType<LayoutEntry>()];
        if (layouts.Length > 0)
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
            var tables = new DictionaryTables(connection);
            await tables.LockAsync(cancellationToken);
            await tables.RequireSeriesAsync(batch.Frames.SeriesOf(layouts), cancellationToken);
            int[] layoutIds = await tables.LayoutsAsync(layouts, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            Know(layouts, layoutIds);
        }
    }

    private async Task MakeSeriesAsync(NpgsqlConnection connection, DictionaryEntry[] unknown, HostEntry[] changed, CancellationToken cancellationToken)
    {
        if (unknown.Length + changed.Length == 0)
        {
            return;
        }

        HostEntry[] hosts = [.. unknown.OfType<HostEntry>()];
        MetricEntry[] metrics = [.. unknown.OfType<MetricEntry>()];
        SeriesEntry[] series = [.. unknown.OfType<SeriesEntry>()];
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        var tables = new DictionaryTables(connection);
        await tables.LockAsync(cancellationToken);
        await tables.UpdateHostsAsync(changed, cancellationToken);
        int[] hostIds = await tables.HostsAsync(hosts, cancellationToken);
        int[] metricIds = await tables.MetricsAsync(metrics, cancellationToken);
        int[] seriesIds = await tables.SeriesAsync(series, cancellationToken);
        string[] clones = hosts.Length > 0 ? await tables.ClonesAsync(hosts, cancellationToken) : [];
        await transaction.CommitAsync(cancellationToken);
        if (!series.Zip(seriesIds).All(numbered => _cache.IsAlone(numbered.First, numbered.Second)))
        {
            throw new FencedException("The database has given the number of one series to another: it was replaced by another copy, or rows were removed.");
        }

        Know(hosts, hostIds);
        Array.ForEach(hosts, host => host.AttributesStored(updatedAt: null));
        Array.ForEach(changed, host => host.AttributesStored(time.GetTimestamp()));
        Know(metrics, metricIds);
        Know(series, seriesIds);
        LogHosts(hosts, clones);
    }

    private async Task<BatchOutcome> CommitAsync(NpgsqlConnection connection, PreparedBatch batch, bool careful, CancellationToken cancellationToken)
    {
        FrameBatch frames = batch.Frames;
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await FenceAsync(connection, batch, cancellationToken);
        var outcome = new BatchOutcome
        {
            Records = batch.Records.Length,
            DeadLetters = frames.DeadLetters.Count,
            Duplicates = frames.DuplicatePoints,
            Conflicts = frames.ConflictingPoints,
            InexactValues = frames.InexactValues,
        };
        Dictionary<HostEntry, short> slots = [];
        if (batch.Kept.Count > 0)
        {
            if (careful)
            {
                outcome = await CopyCarefullyAsync(connection, batch, outcome, cancellationToken);
            }
            else
            {
                slots = NewSlotsOf(batch);
                if (slots.Count > 0)
                {
                    await new DictionaryTables(connection).UseSlotsAsync([.. slots.Select(host => (host.Key.Id, host.Value))], cancellationToken);
                }

                await batch.Copy.SendAsync(connection, FrameCopyStatement, cancellationToken);
                outcome.Frames = batch.Kept.Count;
                outcome.Points = batch.Kept.Sum(place => frames.Frames[place].Count);
            }

            outcome.NewestTimeMicros = batch.Kept.Max(place => frames.Frames[place].TimeMicros);
        }

        outcome = await SetAsideAsync(connection, batch, outcome, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        foreach ((HostEntry host, short highest) in slots)
        {
            host.HighestSlot = highest;
        }

        source.Stored(batch.Records.Span, frames.DeadLetters);
        return outcome;
    }

    /// <summary>The highest slot that a batch uses of each host, where the database is not known to have it.</summary>
    private static Dictionary<HostEntry, short> NewSlotsOf(PreparedBatch batch)
    {
        Dictionary<HostEntry, short> slots = [];
        ReadOnlySpan<Frame> frames = CollectionsMarshal.AsSpan(batch.Frames.Frames);
        foreach (int place in batch.Kept)
        {
            ref readonly Frame frame = ref frames[place];
            if (frame.Slot > frame.Host.HighestSlot && frame.Slot > slots.GetValueOrDefault(frame.Host))
            {
                slots[frame.Host] = frame.Slot;
            }
        }

        return slots;
    }

    private static long Bytes(ReadOnlySpan<RawRecord> records)
    {
        long bytes = 0;
        foreach (RawRecord record in records)
        {
            bytes += record.Value?.Length ?? 0;
        }

        return bytes;
    }

    /// <summary>
    /// Takes the records from where they come from if they are still ours, and reads the identities of all numbers the frames will use, and the slots that their hosts are known to have: a
    /// database that was replaced by an older copy of itself may have given a number to something else. What is marked for removal, or was not used yet
    /// today, is noted as used.
    /// </summary>
    /// <remarks>In this order: taking them locks the table of offsets, which <c>hostwire.remove_unused()</c> locks too, so that what has been read here stays until the batch is committed.</remarks>
    private async Task FenceAsync(NpgsqlConnection connection, PreparedBatch batch, CancellationToken cancellationToken)
    {
        Dictionary<int, byte[]> hosts = [];
        Dictionary<int, byte[]> layouts = [];
        Dictionary<int, short> slots = [];
        bool isAnother = false;
        foreach (ref readonly Frame frame in CollectionsMarshal.AsSpan(batch.Frames.Frames))
        {
            isAnother |= !IsAlone(hosts, frame.Host) || !IsAlone(layouts, frame.Layout);
            if (frame.Host.HighestSlot > slots.GetValueOrDefault(frame.Host.Id))
            {
                slots[frame.Host.Id] = frame.Host.HighestSlot;
            }
        }

        await using var commands = new NpgsqlBatch(connection);
        foreach (NpgsqlBatchCommand limit in TransactionLimits.Working(Bytes(batch.Records.Span)))
        {
            commands.BatchCommands.Add(limit);
        }

        IReadOnlyList<(NpgsqlBatchCommand Statement, int? Rows)> taking = source.Take(batch.Records.Span, batch.Frames.DeadLetters);
        foreach ((NpgsqlBatchCommand statement, _) in taking)
        {
            commands.BatchCommands.Add(statement);
        }

        // The server compares: what is as it was expected, nearly everything nearly always, need not travel.
        commands.BatchCommands.Add(new(
            """
            select 'host', e.id, d.identity is not distinct from e.identity
            from unnest($1, $2) as e(id, identity) left join hostwire.host d on d.host_id = e.id
            where d.identity is distinct from e.identity or d.marked_at is not null or d.last_seen < (select date_trunc('day', now(), 'UTC'))
            union all
            select 'layout', e.id, d.identity is not distinct from e.identity
            from unnest($3, $4) as e(id, identity) left join hostwire.layout d on d.layout_id = e.id
            where d.identity is distinct from e.identity or d.marked_at is not null or d.last_seen < (select date_trunc('day', now(), 'UTC'))
            union all
            select 'host', e.id, false
            from unnest($5, $6) as e(id, slot) where not exists (select from hostwire.host_slot o where o.host_id = e.id and o.slot = e.slot)
            """)
        {
            Parameters =
            {
                new() { Value = hosts.Keys.ToArray() },
                new() { Value = hosts.Values.ToArray() },
                new() { Value = layouts.Keys.ToArray() },
                new() { Value = layouts.Values.ToArray() },
                new() { Value = slots.Keys.ToArray() },
                new() { Value = slots.Values.ToArray() },
            },
        });
        List<int> unusedHosts = [];
        List<int> unusedLayouts = [];
        await using (NpgsqlDataReader reader = await commands.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                (reader.GetString(0) is "host" ? unusedHosts : unusedLayouts).Add(reader.GetInt32(1));
                isAnother |= !reader.GetBoolean(2);
            }
        }

        if (taking.Any(step => step.Rows is { } rows && (long)step.Statement.RecordsAffected != rows))
        {
            throw new FencedException(source.Taken);
        }

        if (isAnother)
        {
            throw new FencedException("The database does not hold the hosts, slots and layouts it held before: it was replaced by another copy, or rows were removed.");
        }

        if (unusedHosts.Count + unusedLayouts.Count > 0)
        {
            await new DictionaryTables(connection).UseAsync(unusedHosts, unusedLayouts, cancellationToken);
        }
    }

    /// <summary>Whether nothing else has the number of this: of two, one has it from a database that was replaced.</summary>
    private static bool IsAlone(Dictionary<int, byte[]> identities, DictionaryEntry entry) =>
        identities.TryAdd(entry.Id, entry.Identity) || identities[entry.Id].AsSpan().SequenceEqual(entry.Identity);

    /// <summary>
    /// Stores frames of which some may be there already, in whatever slot. What is there stays; equal bits are a duplicate, others a conflict. Another frame of a host and time that has some already gets
    /// the next slot.
    /// </summary>
    private static async Task<BatchOutcome> CopyCarefullyAsync(
        NpgsqlConnection connection, PreparedBatch batch, BatchOutcome outcome, CancellationToken cancellationToken)
    {
        batch.EncodeWithOrdinals();
        await ExecuteAsync(
            connection,
            "create temporary table incoming (ordinal integer not null, time timestamptz not null, host_id integer not null, layout_id integer not null, slot smallint not null, values double precision[] not null) on commit drop",
            cancellationToken);
        await batch.Copy.SendAsync(connection, IncomingCopyStatement, cancellationToken);
        await using var insert = new NpgsqlCommand(
            $"""
            with {StoredFrames},
            fresh as (
              select distinct on (host_id, time, layout_id) * from incoming order by host_id, time, layout_id, ordinal),
            placed as (
              select n.time, n.host_id, n.layout_id, n.values,
                coalesce((select max(slot) from unnest(s.slots) slot), -1) + row_number() over (partition by n.host_id, n.time order by n.slot, n.ordinal) as slot
              from fresh n join stored s on s.host_id = n.host_id and s.time = n.time
              where n.layout_id <> all (s.layouts)),
            slots as (
              insert into hostwire.host_slot (host_id, slot) select distinct host_id, slot::smallint from placed where slot > 0 order by 1, 2 on conflict do nothing),
            added as (
              insert into hostwire.frame (time, host_id, layout_id, slot, values) select time, host_id, layout_id, slot::smallint, values from placed
              returning cardinality(values) as points)
            select count(*), coalesce(sum(points), 0)::bigint from added
            """,
            connection);
        insert.Parameters.AddRange(TimesOf(batch));
        await using (NpgsqlDataReader reader = await insert.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            outcome.Frames = reader.GetInt64(0);
            outcome.Points = reader.GetInt64(1);
        }

        var conflicts = new List<(int Ordinal, byte[] Stored, byte[] Received)>();
        await using var compare = new NpgsqlCommand(
            $"""
            with {StoredFrames}
            select i.ordinal, sha256(array_send(f.values)), sha256(array_send(i.values))
            from incoming i join stored s on s.host_id = i.host_id and s.time = i.time
            -- "limit" leaves the planner nothing but the key.
            cross join lateral (
              select f.values from hostwire.frame f
              where f.host_id = i.host_id and f.slot = s.slots[array_position(s.layouts, i.layout_id)] and f.time = i.time and f.time between $1 and $2 limit 1) f
            where array_send(f.values) <> array_send(i.values)
            order by i.ordinal
            """,
            connection);
        compare.Parameters.AddRange(TimesOf(batch));
        await using (NpgsqlDataReader reader = await compare.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                conflicts.Add((reader.GetInt32(0), reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<byte[]>(2)));
            }
        }

        await SideTables.WriteAsync(
            connection,
            conflicts.Select(conflict =>
            {
                Frame frame = batch.Frames.Frames[conflict.Ordinal];
                return SideTables.Conflict(frame, batch.Records.Span[frame.RecordIndex], conflict.Stored, conflict.Received);
            }),
            cancellationToken);
        outcome.Conflicts += conflicts.Count;
        outcome.Duplicates += batch.Kept.Count - outcome.Frames - conflicts.Count;
        return outcome;
    }

    private static NpgsqlParameter[] TimesOf(PreparedBatch batch)
    {
        IEnumerable<long> times = batch.Kept.Select(place => batch.Frames.Frames[place].TimeMicros);
        return [new() { Value = DateTime.UnixEpoch.AddMicroseconds(times.Min()) }, new() { Value = DateTime.UnixEpoch.AddMicroseconds(times.Max()) }];
    }

    /// <summary>Writes quarantine, conflicts within records, and dead letters.</summary>
    private async Task<BatchOutcome> SetAsideAsync(NpgsqlConnection connection, PreparedBatch batch, BatchOutcome outcome, CancellationToken cancellationToken)
    {
        outcome.Quarantined = await SideTables.WriteAsync(connection, Quarantined(SideTables.Quarantine), cancellationToken);
        long known = batch.Quarantined.Count - outcome.Quarantined;
        if (known > 0)
        {
            long conflicts = await SideTables.WriteAsync(connection, Quarantined(SideTables.QuarantineConflict), cancellationToken);
            outcome.Conflicts += conflicts;
            outcome.Duplicates += known - conflicts;
        }

        await SideTables.WriteAsync(
            connection,
            batch.Frames.Conflicts.Select(conflict =>
            {
                Frame frame = batch.Frames.Frames[conflict.FrameIndex];
                byte[] bits = new byte[sizeof(double)];
                BinaryPrimitives.WriteDoubleBigEndian(bits, conflict.Value);
                return SideTables.Conflict(frame, batch.Records.Span[frame.RecordIndex], stored: null, SHA256.HashData(bits));
            }),
            cancellationToken);
        await source.KeepAsync(connection, batch.Records, batch.Frames.DeadLetters, cancellationToken);
        return outcome;

        IEnumerable<NpgsqlBatchCommand> Quarantined(Func<Frame, double?[], RawRecord, NpgsqlBatchCommand> command) => batch.Quarantined.Select(place =>
        {
            Frame frame = batch.Frames.Frames[place];
            return command(frame, batch.Frames.ValuesOf(frame), batch.Records.Span[frame.RecordIndex]);
        });
    }

    private static void Know(DictionaryEntry[] entries, int[] ids)
    {
        for (int index = 0; index < entries.Length; index++)
        {
            entries[index].Know(ids[index]);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private void LogHosts(HostEntry[] hosts, string[] clones)
    {
        foreach (HostEntry host in hosts)
        {
            if (string.Equals(host.Name, HostNames.Unknown, StringComparison.Ordinal))
            {
                LogUnknownHost(HostNames.Unknown);
            }
        }

        foreach (string name in clones)
        {
            LogClone(name);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Records name no host (no host.name, no host.id, no key): they are stored under \"{Host}\", which may mix machines. Add a resource detector to the Collector that sends them")]
    private partial void LogUnknownHost(string host);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another host named {Host} is known, with another host.id: machines that were cloned, or one that was installed anew. They are kept apart")]
    private partial void LogClone(string host);
}
