using System.Globalization;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.Store;

/// <summary>A migrated database into which a test puts frames made by hand. Times are seconds after today's midnight in UTC; yesterday is there too.</summary>
internal sealed class HandMadeStore : IAsyncDisposable
{
    // Finds or makes host, metrics, series and layout as a sink does, the layout sorted by the series' identities, and adds the frame.
    private const string Helper = """
        create schema test;
        -- Fixed, so that a test may run across midnight.
        create table test.base as select (now() at time zone 'UTC')::date::timestamp at time zone 'UTC' as midnight;
        create function test.add_frame(host_name text, at double precision, names text[], units text[], kinds text[], temporalities text[], attributes jsonb[], given double precision[])
        returns void language plpgsql as $$
        declare
          host_key bytea := sha256(convert_to(host_name, 'UTF8'));
          layout_key bytea;
          ids integer[];
          sorted double precision[];
        begin
          insert into hostwire.host (identity, name) values (host_key, host_name) on conflict do nothing;
          insert into hostwire.metric (identity, name, unit, kind, temporality)
          select distinct sha256(convert_to(concat_ws('|', n, u, k, t), 'UTF8')), n, u, k, nullif(t, '') from unnest(names, units, kinds, temporalities) m (n, u, k, t) on conflict do nothing;
          insert into hostwire.series (identity, metric_id, scope, attributes)
          select distinct sha256(convert_to(concat_ws('|', n, u, k, t, a::text), 'UTF8')), m.metric_id, '', a
          from unnest(names, units, kinds, temporalities, attributes) s (n, u, k, t, a)
          join hostwire.metric m on m.identity = sha256(convert_to(concat_ws('|', n, u, k, t), 'UTF8')) on conflict do nothing;
          select array_agg(s.series_id order by s.identity), array_agg(v order by s.identity), sha256(string_agg(s.identity, ''::bytea order by s.identity))
          into ids, sorted, layout_key
          from unnest(names, units, kinds, temporalities, attributes, given) g (n, u, k, t, a, v)
          join hostwire.series s on s.identity = sha256(convert_to(concat_ws('|', n, u, k, t, a::text), 'UTF8'));
          insert into hostwire.layout (identity) values (layout_key) on conflict do nothing;
          insert into hostwire.layout_series (layout_id, position, series_id)
          select l.layout_id, o.place, o.id from hostwire.layout l, unnest(ids) with ordinality o (id, place) where l.identity = layout_key on conflict do nothing;
          if to_regclass('hostwire.host_slot') is null then
            -- As it was before there were slots.
            execute 'insert into hostwire.frame (time, host_id, layout_id, values)
              select test.at($1), h.host_id, l.layout_id, $2 from hostwire.host h, hostwire.layout l where h.identity = $3 and l.identity = $4' using at, sorted, host_key, layout_key;
            return;
          end if;
          with added as (
            insert into hostwire.frame (time, host_id, layout_id, slot, values)
            select test.at(at), h.host_id, l.layout_id, (select coalesce(max(f.slot) + 1, 0) from hostwire.frame f where f.host_id = h.host_id and f.time = test.at(at)), sorted
            from hostwire.host h, hostwire.layout l where h.identity = host_key and l.identity = layout_key returning host_id, slot)
          insert into hostwire.host_slot select host_id, slot from added on conflict do nothing;
        end $$;
        create function test.at(seconds double precision) returns timestamptz language sql as $$
          select midnight + seconds * interval '1 second' from test.base;
        $$;
        select hostwire.ensure_partition((midnight at time zone 'UTC')::date + n) from test.base, generate_series(-1, 0) n;
        """;

    private static readonly Dictionary<string, (string Unit, string Kind, string Temporality)> Metrics = new(StringComparer.Ordinal)
    {
        ["system.cpu.time"] = ("s", "counter", "cumulative"),
        ["system.cpu.frequency"] = ("Hz", "gauge", ""),
        ["system.cpu.load_average.1m"] = ("{thread}", "gauge", ""),
        ["system.cpu.load_average.5m"] = ("{thread}", "gauge", ""),
        ["system.cpu.load_average.15m"] = ("{thread}", "gauge", ""),
        ["system.memory.usage"] = ("By", "up-down", "cumulative"),
        ["system.memory.limit"] = ("By", "up-down", "cumulative"),
        ["system.linux.memory.available"] = ("By", "up-down", "cumulative"),
        ["system.filesystem.usage"] = ("By", "up-down", "cumulative"),
        ["system.filesystem.inodes.usage"] = ("{inodes}", "up-down", "cumulative"),
        ["system.disk.io"] = ("By", "counter", "cumulative"),
        ["system.disk.operations"] = ("{operations}", "counter", "cumulative"),
        ["system.disk.merged"] = ("{operations}", "counter", "cumulative"),
        ["system.disk.operation_time"] = ("s", "counter", "cumulative"),
        ["system.disk.io_time"] = ("s", "counter", "cumulative"),
        ["system.disk.weighted_io_time"] = ("s", "counter", "cumulative"),
        ["system.disk.pending_operations"] = ("{operations}", "up-down", "cumulative"),
        ["system.network.io"] = ("By", "counter", "cumulative"),
        ["system.network.packets"] = ("{packets}", "counter", "cumulative"),
        ["system.network.errors"] = ("{errors}", "counter", "cumulative"),
        ["system.network.dropped"] = ("{packets}", "counter", "cumulative"),
        ["requests"] = ("{requests}", "counter", "delta"),
    };

    private HandMadeStore(TestDatabase database) => Database = database;

    /// <summary>The database.</summary>
    public TestDatabase Database { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A new one.</summary>
    public static async Task<HandMadeStore> CreateAsync(PostgresServer server)
    {
        TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        await database.ExecuteAsync($"{Helper}grant usage on schema test to {database.Roles.Reader}; grant select on test.base to {database.Roles.Reader}", Cancellation);
        return new HandMadeStore(database);
    }

    /// <summary>One in a database without roles, in which the test has made the schema.</summary>
    public static async Task<HandMadeStore> CreateAsync(TestDatabase database)
    {
        await database.ExecuteAsync(Helper, Cancellation);
        return new HandMadeStore(database);
    }

    /// <summary>Adds a frame; a point is a series such as <c>system.cpu.time{cpu=cpu0,state=user}</c> and its value, null for none.</summary>
    public async Task AddAsync(string host, double seconds, params (string Series, double? Value)[] points)
    {
        string[] names = [.. points.Select(point => point.Series.Split('{')[0])];
        await using NpgsqlCommand command = Database.DataSource.CreateCommand("select test.add_frame($1, $2, $3, $4, $5, $6, $7::text[]::jsonb[], $8)");
        command.Parameters.Add(new() { Value = host });
        command.Parameters.Add(new() { Value = seconds });
        command.Parameters.Add(new() { Value = names });
        command.Parameters.Add(new() { Value = names.Select(name => Metrics[name].Unit).ToArray() });
        command.Parameters.Add(new() { Value = names.Select(name => Metrics[name].Kind).ToArray() });
        command.Parameters.Add(new() { Value = names.Select(name => Metrics[name].Temporality).ToArray() });
        command.Parameters.Add(new() { Value = points.Select(point => Attributes(point.Series)).ToArray() });
        command.Parameters.Add(new() { Value = points.Select(point => point.Value).ToArray() });
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>The rows of a query, as the reader sees them, columns separated by a bar: times as seconds after midnight, NULL as a dash, numbers as short as they can be said.</summary>
    public async Task<string[]> RowsAsync(string sql)
    {
        DateTime midnight = await Database.ScalarAsync<DateTime>("select test.at(0)", Cancellation);
        var rows = new List<string>();
        await using NpgsqlCommand command = Database.Reader.CreateCommand(sql);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column => reader.GetValue(column) switch
            {
                DBNull => "-",
                DateTime time => (time - midnight).TotalSeconds.ToString(CultureInfo.InvariantCulture),
                double number => Math.Round(number, 6).ToString(CultureInfo.InvariantCulture),
                object other => Convert.ToString(other, CultureInfo.InvariantCulture)!,
            })));
        }

        return [.. rows];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Database.DisposeAsync();

    private static string Attributes(string series)
    {
        int brace = series.IndexOf('{', StringComparison.Ordinal);
        return brace < 0
            ? "{}"
            : $"{{{string.Join(',', series[(brace + 1)..^1].Split(',').Select(pair => pair.Split('=')).Select(pair => $"\"{pair[0]}\":\"{pair[1]}\""))}}}";
    }
}
