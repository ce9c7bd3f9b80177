using System.Text.Json;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>What a database holds, as people read it: through the view <c>hostwire.metrics</c>.</summary>
internal static class StoredPoints
{
    /// <summary>Every point, in no particular order.</summary>
    public static Task<List<MetricPoint>> ReadAsync(TestDatabase database, CancellationToken cancellationToken) => ReadAsync(
        database.Reader,
        """
        SELECT host, metric, unit, kind, attributes::text, (extract(epoch FROM time) * 1000000)::bigint, value
        FROM hostwire.metrics
        """,
        cancellationToken);

    /// <summary>What a query yields that has these columns.</summary>
    public static async Task<List<MetricPoint>> ReadAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        var points = new List<MetricPoint>();
        // Many rows have the same few attributes: each text is taken apart once.
        var canonical = new Dictionary<string, string>(StringComparer.Ordinal);
        await using NpgsqlCommand command = source.CreateCommand(sql);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            string json = reader.GetString(4);
            if (!canonical.TryGetValue(json, out string? attributes))
            {
                using JsonDocument document = JsonDocument.Parse(json);
                canonical.Add(json, attributes = MetricPoint.Canonical(document.RootElement.EnumerateObject().Select(property => (property.Name, property.Value))));
            }

            points.Add(new MetricPoint(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), attributes, reader.GetInt64(5),
                BitConverter.DoubleToInt64Bits(reader.GetDouble(6))));
        }

        return points;
    }

    /// <summary>How many points there are.</summary>
    public static async Task<long> CountAsync(TestDatabase database, CancellationToken cancellationToken) =>
        await database.ScalarAsync<string>("SELECT to_regclass('hostwire.metrics')::text", cancellationToken) is null
            ? 0
            : await database.ScalarAsync<long>("SELECT count(*) FROM hostwire.metrics", cancellationToken);

    /// <summary>Fails unless both hold the same points the same number of times; names the first few that one of them lacks.</summary>
    public static void AssertSame(IReadOnlyCollection<MetricPoint> expected, IReadOnlyCollection<MetricPoint> stored)
    {
        string missing = Describe(expected, stored);
        string surplus = Describe(stored, expected);
        Assert.True(missing.Length == 0 && surplus.Length == 0, $"{expected.Count} points were sent, {stored.Count} are stored.\nNot stored:\n{missing}\nNot sent:\n{surplus}");
    }

    private static string Describe(IReadOnlyCollection<MetricPoint> these, IReadOnlyCollection<MetricPoint> butNotThose)
    {
        Dictionary<MetricPoint, int> left = butNotThose.GroupBy(point => point).ToDictionary(group => group.Key, group => group.Count());
        IEnumerable<MetricPoint> lacking = these.Where(point => !left.TryGetValue(point, out int count) || (left[point] = count - 1) < 0);
        return string.Join('\n', lacking.Take(10));
    }
}
