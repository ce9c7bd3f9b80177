using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.EndToEnd.Drain;

/// <summary>What a database holds, whatever its tables are: how many points, and the sum of a hash over each one's host, metric, attributes, time and value.</summary>
/// <param name="Points">Points.</param>
/// <param name="Sum">The sum, which does not depend on an order.</param>
internal sealed record Checksum(long Points, string Sum)
{
    private const string PointHash = "timestamp_hash_extended(time at time zone 'UTC', hashfloat8extended(value, name))";

    /// <summary>Of the narrow table and its names.</summary>
    public static Task<Checksum> OfNarrowAsync(TestDatabase database, CancellationToken cancellationToken) => ReadAsync(
        database,
        $"""
        with names as materialized (select series_id, hashtextextended(host || E'\n' || metric || E'\n' || attributes::text, 0) as name from name)
        select count(*), sum({PointHash})::text from narrow join names using (series_id)
        """,
        cancellationToken);

    /// <summary>Of what a sink has stored.</summary>
    public static Task<Checksum> OfFramesAsync(TestDatabase database, CancellationToken cancellationToken) => ReadAsync(
        database,
        $"""
        with names as materialized (
          select h.host_id, l.layout_id, array_agg(hashtextextended(h.name || E'\n' || m.name || E'\n' || s.attributes::text, 0) order by l.position) as names
          from hostwire.host h, hostwire.layout_series l join hostwire.series s using (series_id) join hostwire.metric m using (metric_id)
          group by h.host_id, l.layout_id)
        select count(*), sum({PointHash})::text
        from hostwire.frame join names using (host_id, layout_id), unnest(values, names) as p (value, name)
        """,
        cancellationToken);

    private static async Task<Checksum> ReadAsync(TestDatabase database, string sql, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = database.DataSource.CreateCommand(sql);
        command.CommandTimeout = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Checksum(reader.GetInt64(0), reader.GetString(1));
    }
}
