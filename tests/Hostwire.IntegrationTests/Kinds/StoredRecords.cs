using System.Globalization;
using System.Text.Json;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.Kinds;

/// <summary>What the views give back, in the lines in which <see cref="SentRecords"/> keeps what was sent.</summary>
internal static class StoredRecords
{
    private const string Numbers = """
        select kind, host, metric, attributes::text, (extract(epoch from time) * 1000000)::bigint, scope, unit, coalesce(temporality, ''), value
        from hostwire.metrics where metric like 'rig.%' and series_id in (select series_id from hostwire.series where source_identity is null)
        union all
        select kind, host, metric, attributes::text, (extract(epoch from time) * 1000000)::bigint, scope, unit, coalesce(temporality, ''), null
        from hostwire.stale where metric like 'rig.%' and series_id in (select series_id from hostwire.series where source_identity is null)
        """;

    private const string Histograms = """
        select 'histogram', host, metric, attributes::text, (extract(epoch from time) * 1000000)::bigint, scope, unit, temporality, count, sum, min, max, bounds, counts
        from hostwire.histograms
        """;

    private const string Exponentials = """
        select 'exponential', host, metric, attributes::text, (extract(epoch from time) * 1000000)::bigint, scope, unit, temporality, count, sum, min, max,
          scale, zero_count, case when count is not null then zero_threshold end, positive_offset, positive_counts, negative_offset, negative_counts
        from hostwire.exponential_histograms
        """;

    private const string Summaries = """
        select 'summary', host, metric, attributes::text, (extract(epoch from time) * 1000000)::bigint, scope, unit, '', count, sum, quantiles, values
        from hostwire.summaries
        """;

    /// <summary>Every point of the tests' metrics, whatever its kind.</summary>
    public static async Task<List<string>> ReadAsync(TestDatabase database, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        foreach (string query in new[] { Numbers, Histograms, Exponentials, Summaries })
        {
            await using NpgsqlCommand command = database.DataSource.CreateCommand(query);
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                using JsonDocument attributes = JsonDocument.Parse(reader.GetString(3));
                string values = string.Join(' ', Enumerable.Range(8, reader.FieldCount - 8).Select(column => Text(reader, column)));
                lines.Add(string.Join('|', [
                    reader.GetString(0), reader.GetString(1), reader.GetString(2), SentAttributes.Canonical(attributes.RootElement),
                    reader.GetInt64(4).ToString(CultureInfo.InvariantCulture), reader.GetString(5), reader.GetString(6), reader.GetString(7), values,
                ]));
            }
        }

        return lines;
    }

    /// <summary>Fails unless both hold the same lines the same number of times; shows the first few that one of them lacks.</summary>
    public static void AssertSame(IReadOnlyCollection<string> sent, IReadOnlyCollection<string> stored)
    {
        string missing = Lacking(sent, stored);
        string surplus = Lacking(stored, sent);
        Assert.True(missing.Length == 0 && surplus.Length == 0, $"{sent.Count} points were sent, {stored.Count} are stored.\nNot stored:\n{missing}\nNot sent:\n{surplus}");
    }

    private static string Text(NpgsqlDataReader reader, int column) => reader.GetDataTypeName(column) switch
    {
        "integer" => reader.IsDBNull(column) ? "null" : reader.GetInt32(column).ToString(CultureInfo.InvariantCulture),
        "double precision[]" => $"[{string.Join(' ', reader.GetFieldValue<double?[]>(column).Select(Bits))}]",
        _ => Bits(reader.IsDBNull(column) ? null : reader.GetDouble(column)),
    };

    private static string Bits(double? value) =>
        value is { } number ? BitConverter.DoubleToUInt64Bits(number).ToString("x16", CultureInfo.InvariantCulture) : "none";

    private static string Lacking(IReadOnlyCollection<string> these, IReadOnlyCollection<string> butNotThose)
    {
        Dictionary<string, int> left = butNotThose.CountBy(line => line, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return string.Join('\n', these.Where(line => !left.TryGetValue(line, out int count) || (left[line] = count - 1) < 0).Order(StringComparer.Ordinal).Take(10));
    }
}
