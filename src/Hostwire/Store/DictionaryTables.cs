using Hostwire.Metrics;
using Hostwire.Otlp;
using Hostwire.Sink;
using Npgsql;

namespace Hostwire.Store;

/// <summary>Finds or makes the dictionary rows that entries stand for. Runs inside the caller's transaction; the numbers count only once that is committed.</summary>
/// <remarks>
/// One writer at a time, by a lock that ends with the transaction: two sinks that meet the same new series then cannot deadlock, and numbers follow
/// the order in which a sender lists its series, so that most frames need no sorting. New rows are rare; nobody waits long.
/// </remarks>
internal sealed class DictionaryTables(NpgsqlConnection connection)
{
    private const string LockStatement = "select pg_advisory_xact_lock(hashtext('hostwire'), hashtext('dictionary'))";

    /// <summary>Takes the lock.</summary>
    public async Task LockAsync(CancellationToken cancellationToken)
    {
        await using var commands = new NpgsqlBatch(connection);
        foreach (NpgsqlBatchCommand limit in TransactionLimits.Working())
        {
            commands.BatchCommands.Add(limit);
        }

        commands.BatchCommands.Add(new(LockStatement));
        await commands.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The numbers of hosts, in the order given.</summary>
    public Task<int[]> HostsAsync(IReadOnlyList<HostEntry> hosts, CancellationToken cancellationToken) => FindOrMakeAsync(
        "host",
        """
        insert into hostwire.host (identity, name, attributes)
        select * from unnest($1::bytea[], $2::text[], $3::text[]::jsonb[]) on conflict (identity) do nothing
        """,
        // What a sink meets again is in use, so the mark goes that maintenance may have set.
        """
        with slots as (
          insert into hostwire.host_slot (host_id, slot) select host_id, 0 from hostwire.host where identity = any($1) on conflict do nothing)
        update hostwire.host h set last_seen = now(), marked_at = null, attributes = h.attributes || n.attributes
        from unnest($1::bytea[], $2::text[]::jsonb[]) n (identity, attributes) where h.identity = n.identity
        """,
        hosts,
        [hosts.Select(host => host.Name).ToArray(), hosts.Select(host => host.AttributesJson).ToArray()],
        cancellationToken,
        touched: hosts.Select(host => host.AttributesJson).ToArray());

    /// <summary>Notes that hosts have all slots up to one, in the transaction that uses them.</summary>
    public async Task UseSlotsAsync(IReadOnlyList<(int HostId, short Highest)> slots, CancellationToken cancellationToken)
    {
        // In one order, or two who add the same rows would wait for each other.
        await using var command = new NpgsqlCommand(
            """
            insert into hostwire.host_slot (host_id, slot)
            select n.host_id, s from unnest($1::integer[], $2::smallint[]) n (host_id, highest), generate_series(1, n.highest) s order by 1, 2 on conflict do nothing
            """,
            connection);
        command.Parameters.Add(new() { Value = slots.Select(host => host.HostId).ToArray() });
        command.Parameters.Add(new() { Value = slots.Select(host => host.Highest).ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Writes the attributes of hosts that are there: those given win over those stored, and others stay.</summary>
    public async Task UpdateHostsAsync(IReadOnlyList<HostEntry> hosts, CancellationToken cancellationToken)
    {
        if (hosts.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            """
            update hostwire.host h set attributes = h.attributes || n.attributes
            from unnest($1::bytea[], $2::text[]::jsonb[]) n (identity, attributes)
            where h.identity = n.identity and h.attributes || n.attributes <> h.attributes
            """,
            connection);
        command.Parameters.Add(new() { Value = hosts.Select(host => host.Identity).ToArray() });
        command.Parameters.Add(new() { Value = hosts.Select(host => host.AttributesJson).ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The numbers of metrics, in the order given.</summary>
    public Task<int[]> MetricsAsync(IReadOnlyList<MetricEntry> metrics, CancellationToken cancellationToken) => FindOrMakeAsync(
        "metric",
        """
        insert into hostwire.metric (identity, name, unit, kind, temporality, description, source_kind, source_name, source_unit, part)
        select * from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
        on conflict (identity) do nothing
        """,
        "update hostwire.metric set marked_at = null where identity = any($1) and marked_at is not null",
        metrics,
        [
            metrics.Select(metric => metric.Name).ToArray(),
            metrics.Select(metric => metric.Unit).ToArray(),
            metrics.Select(metric => KindName(metric.Kind)).ToArray(),
            metrics.Select(metric => TemporalityName(metric.Temporality)).ToArray(),
            metrics.Select(metric => metric.Description).ToArray(),
            metrics.Select(metric => SourceKindName(metric.Source?.Kind)).ToArray(),
            metrics.Select(metric => metric.Source?.Name).ToArray(),
            metrics.Select(metric => metric.Source?.Unit).ToArray(),
            metrics.Select(metric => metric.Source is { } source ? DistributionParts.Name(source.Part) : null).ToArray(),
        ],
        cancellationToken);

    /// <summary>The numbers of series, in the order given; their metrics are found by identity, never by a number from memory.</summary>
    public Task<int[]> SeriesAsync(IReadOnlyList<SeriesEntry> series, CancellationToken cancellationToken) => FindOrMakeAsync(
        "series",
        """
        with used as (update hostwire.metric set marked_at = null where identity = any($2) and marked_at is not null)
        insert into hostwire.series (identity, metric_id, scope, attributes, source_identity)
        select n.identity, m.metric_id, n.scope, n.attributes, n.source_identity
        from unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[]::jsonb[], $5::bytea[])
          with ordinality as n (identity, metric, scope, attributes, source_identity, place)
        join hostwire.metric m on m.identity = n.metric
        order by n.place on conflict (identity) do nothing
        """,
        "update hostwire.series set marked_at = null where identity = any($1) and marked_at is not null",
        series,
        [
            series.Select(entry => entry.Metric.Identity).ToArray(),
            series.Select(entry => entry.Scope).ToArray(),
            series.Select(entry => entry.AttributesJson).ToArray(),
            series.Select(entry => entry.SourceIdentity).ToArray(),
        ],
        cancellationToken);

    /// <summary>The numbers of layouts, in the order given; a new one gets its list of series in the same transaction.</summary>
    public async Task<int[]> LayoutsAsync(IReadOnlyList<LayoutEntry> layouts, CancellationToken cancellationToken)
    {
        Dictionary<string, int> before = await FindAsync("layout", layouts, cancellationToken);
        int[] ids = await FindOrMakeAsync(
            "layout",
            "insert into hostwire.layout (identity) select * from unnest($1::bytea[]) on conflict (identity) do nothing",
            "update hostwire.layout set last_seen = now(), marked_at = null where identity = any($1) and (marked_at is not null or last_seen < date_trunc('day', now(), 'UTC'))",
            layouts,
            [],
            cancellationToken);
        for (int index = 0; index < layouts.Count; index++)
        {
            // Once for each layout: a batch in which the caches were emptied may have two entries for it.
            if (!before.TryAdd(Key(layouts[index]), ids[index]))
            {
                continue;
            }

            await using var command = new NpgsqlCommand(
                "insert into hostwire.layout_series (layout_id, position, series_id) select $1, place, series_id from unnest($2::integer[]) with ordinality as s (series_id, place)",
                connection);
            command.Parameters.Add(new() { Value = ids[index] });
            command.Parameters.Add(new() { Value = layouts[index].SeriesIds });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return ids;
    }

    /// <summary>
    /// Notes that hosts and layouts are in use, in the transaction that uses them: so nothing is removed that a frame refers to. Each needs it once a day, and
    /// where it was marked.
    /// </summary>
    /// <param name="hostIds">Numbers of hosts.</param>
    /// <param name="layoutIds">Numbers of layouts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task UseAsync(IReadOnlyCollection<int> hostIds, IReadOnlyCollection<int> layoutIds, CancellationToken cancellationToken)
    {
        await using var commands = new NpgsqlBatch(connection);
        // Two who write the same rows in two orders would wait for each other.
        commands.BatchCommands.Add(new(LockStatement));
        commands.BatchCommands.Add(new("update hostwire.host set last_seen = now(), marked_at = null where host_id = any($1)") { Parameters = { new() { Value = hostIds.ToArray() } } });
        commands.BatchCommands.Add(new("update hostwire.layout set last_seen = now(), marked_at = null where layout_id = any($1)") { Parameters = { new() { Value = layoutIds.ToArray() } } });
        await commands.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Makes sure that the numbers a new layout will list are those of its series, in this database, now, and not marked for removal.</summary>
    /// <exception cref="FencedException">They are not: the database was replaced by another copy since they were read, or they were removed.</exception>
    public async Task RequireSeriesAsync(IReadOnlyCollection<SeriesEntry> series, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select count(*) from unnest($1::integer[], $2::bytea[]) as n (series_id, identity) join hostwire.series s using (series_id, identity)", connection);
        command.Parameters.Add(new() { Value = series.Select(entry => entry.Id).ToArray() });
        command.Parameters.Add(new() { Value = series.Select(entry => entry.Identity).ToArray() });
        if ((long)(await command.ExecuteScalarAsync(cancellationToken))! != series.Count)
        {
            throw new FencedException("The database does not hold the series it held before: it was replaced by another copy, or rows were removed.");
        }

        await using var unmark = new NpgsqlCommand("update hostwire.series set marked_at = null where series_id = any($1) and marked_at is not null", connection);
        unmark.Parameters.Add(new() { Value = series.Select(entry => entry.Id).ToArray() });
        await unmark.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Names of hosts that have one of these names but another identity: clones, perhaps.</summary>
    public async Task<string[]> ClonesAsync(IReadOnlyList<HostEntry> hosts, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select distinct name from hostwire.host where name = any($1) and not identity = any($2)", connection);
        command.Parameters.Add(new() { Value = hosts.Select(host => host.Name).ToArray() });
        command.Parameters.Add(new() { Value = hosts.Select(host => host.Identity).ToArray() });
        var names = new List<string>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            names.Add(reader.GetString(0));
        }

        return [.. names];
    }

    private async Task<int[]> FindOrMakeAsync(
        string table, string insert, string touch, IReadOnlyList<DictionaryEntry> entries, object[] columns, CancellationToken cancellationToken, object? touched = null)
    {
        if (entries.Count == 0)
        {
            return [];
        }

        Dictionary<string, int> found = await FindAsync(table, entries, cancellationToken);
        byte[][] identities = [.. entries.Select(entry => entry.Identity)];
        if (!AreAllIn(found, entries))
        {
            // Rows that are there would only burn numbers: an insert draws one before it notices the conflict.
            bool[] missing = [.. entries.Select(entry => !found.ContainsKey(Key(entry)))];
            await using var command = new NpgsqlCommand(insert, connection);
            command.Parameters.Add(new() { Value = Where(identities, missing) });
            foreach (object column in columns)
            {
                command.Parameters.Add(new() { Value = column is byte[]?[] bytes ? Where(bytes, missing) : Where((string?[])column, missing) });
            }

            await command.ExecuteNonQueryAsync(cancellationToken);
            found = await FindAsync(table, entries, cancellationToken);
        }

        if (!AreAllIn(found, entries))
        {
            // Series whose metric was known to be there.
            throw new FencedException("The database does not hold the metrics it held before: it was replaced by another copy, or rows were removed.");
        }

        await using var touching = new NpgsqlCommand(touch, connection);
        touching.Parameters.Add(new() { Value = identities });
        if (touched is not null)
        {
            touching.Parameters.Add(new() { Value = touched });
        }

        await touching.ExecuteNonQueryAsync(cancellationToken);
        return [.. entries.Select(entry => found[Key(entry)])];
    }

    private async Task<Dictionary<string, int>> FindAsync(string table, IReadOnlyList<DictionaryEntry> entries, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand($"select identity, {table}_id from hostwire.{table} where identity = any($1)", connection);
        command.Parameters.Add(new() { Value = entries.Select(entry => entry.Identity).ToArray() });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found[Convert.ToHexString(reader.GetFieldValue<byte[]>(0))] = reader.GetInt32(1);
        }

        return found;
    }

    // Not by their count: two entries may be one row.
    private static bool AreAllIn(Dictionary<string, int> found, IReadOnlyList<DictionaryEntry> entries) => entries.All(entry => found.ContainsKey(Key(entry)));

    private static T[] Where<T>(T[] items, bool[] wanted) => [.. items.Where((_, index) => wanted[index])];

    private static string Key(DictionaryEntry entry) => Convert.ToHexString(entry.Identity);

    private static string KindName(MetricKind kind) => kind switch
    {
        MetricKind.Gauge => "gauge",
        MetricKind.Counter => "counter",
        _ => "up-down",
    };

    private static string? SourceKindName(MetricDataKind? kind) => kind switch
    {
        MetricDataKind.Histogram => "histogram",
        MetricDataKind.ExponentialHistogram => "exponential histogram",
        MetricDataKind.Summary => "summary",
        _ => null,
    };

    private static string? TemporalityName(Temporality temporality) => temporality switch
    {
        Temporality.Delta => "delta",
        Temporality.Cumulative => "cumulative",
        _ => null,
    };
}
