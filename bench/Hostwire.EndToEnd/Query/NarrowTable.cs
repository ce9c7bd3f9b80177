using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.EndToEnd.Query;

/// <summary>The same points as somebody would store them who knows PostgreSQL: a narrow table with a key that has the value with it, and a small table of names.</summary>
internal static class NarrowTable
{
    // One transaction, so that a server with wal_level = minimal writes no log of what nobody would recover. The rows stand in the order of the frames: the order in which they came.
    private const string Fill = """
        begin;
        create schema narrow;
        create table narrow.series (series_id integer primary key, host text not null, metric text not null, unit text not null, attributes jsonb not null);
        create table narrow.point (series_id integer not null, time timestamptz not null, value double precision not null);
        create temporary table place on commit drop as
        select u.host_id, u.layout_id, p.position, dense_rank() over (order by u.host_id, p.series_id)::integer as narrow_id, p.series_id
        from (select distinct host_id, layout_id from hostwire.frame) u join hostwire.layout_series p using (layout_id);
        insert into narrow.series
        select distinct on (narrow_id) narrow_id, h.name, m.name, m.unit, s.attributes
        from place join hostwire.host h using (host_id) join hostwire.series s using (series_id) join hostwire.metric m using (metric_id);
        create temporary table names on commit drop as select host_id, layout_id, array_agg(narrow_id order by position) as ids from place group by host_id, layout_id;
        insert into narrow.point
        select p.id, f.time, p.value from hostwire.frame f join names n using (host_id, layout_id), unnest(f.values, n.ids) p (value, id) where p.value is not null;
        commit;
        begin;
        alter table narrow.point add primary key (series_id, time) include (value);
        create index on narrow.series (host, metric);
        create index on narrow.series (metric, host);
        commit;
        vacuum analyze narrow.point;
        vacuum analyze narrow.series;
        """;

    /// <summary>Makes and fills it from the frames; returns how many bytes it takes with its index.</summary>
    /// <exception cref="BenchFailedException">It does not hold as many points as there should be.</exception>
    public static async Task<long> FillAsync(TestDatabase database, long points, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        long inserted = 0;
        foreach (string statement in Fill.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 0 };
            inserted = Math.Max(inserted, await command.ExecuteNonQueryAsync(cancellationToken));
        }

        if (inserted != points)
        {
            throw new BenchFailedException($"the narrow table holds {inserted} points of {points}");
        }

        await database.ExecuteAsync($"grant usage on schema narrow to {database.Roles.Reader}; grant select on all tables in schema narrow to {database.Roles.Reader}", cancellationToken);
        return await database.AdminScalarAsync<long>("select pg_total_relation_size('narrow.point')", cancellationToken);
    }
}
