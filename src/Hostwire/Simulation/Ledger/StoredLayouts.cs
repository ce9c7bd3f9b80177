using Npgsql;

namespace Hostwire.Simulation.Ledger;

/// <summary>The digests of the series of each layout, by what the database says their names are.</summary>
internal sealed class StoredLayouts(NpgsqlDataSource database)
{
    // Hosts whose series come and go have a layout for each scrape.
    private const int LayoutsMax = 10_000;

    private readonly Dictionary<int, byte[][]> _layouts = [];
    private readonly Dictionary<string, FramePlan> _plans = new(StringComparer.Ordinal);

    /// <summary>The digests of a layout's series, by position.</summary>
    public async ValueTask<byte[][]> DigestsAsync(int layout, CancellationToken cancellationToken)
    {
        if (_layouts.TryGetValue(layout, out byte[][]? known))
        {
            return known;
        }

        if (_layouts.Count >= LayoutsMax)
        {
            _layouts.Clear();
            _plans.Clear();
        }

        await using NpgsqlCommand command = database.CreateCommand(
            """
            select m.name, m.unit, m.kind, coalesce(m.temporality, ''), s.scope, s.attributes::text
            from hostwire.layout_series p join hostwire.series s using (series_id) join hostwire.metric m using (metric_id)
            where p.layout_id = $1
            order by p.position
            """);
        command.Parameters.Add(new() { Value = layout });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        var digests = new List<byte[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            digests.Add(SeriesDigest.Of(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5)));
        }

        return _layouts[layout] = [.. digests];
    }

    /// <summary>The plan of a frame whose values have these digests; kept for the set of layouts that <paramref name="key"/> names.</summary>
    public FramePlan PlanOf(string key, ReadOnlySpan<byte[]> digests)
    {
        if (!_plans.TryGetValue(key, out FramePlan? plan))
        {
            plan = new FramePlan(digests);
            _plans.Add(key, plan);
        }

        return plan;
    }
}
