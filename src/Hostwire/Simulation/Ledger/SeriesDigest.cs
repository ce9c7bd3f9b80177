using System.Security.Cryptography;
using System.Text;
using Hostwire.Metrics;
using Hostwire.Otlp;

namespace Hostwire.Simulation.Ledger;

/// <summary>A SHA-256 over all that names a series, made so that plain SQL on the view <c>hostwire.metrics</c> comes to the same: docs/simulate.md has it.</summary>
internal static class SeriesDigest
{
    /// <summary>The digest of a series that our encoder sends.</summary>
    public static byte[] Of(Series series)
    {
        Metric metric = series.Metric;
        string temporality = metric.Kind == MetricKind.Gauge ? "" : "cumulative";
        return Of(metric.Name, metric.Unit, metric.Kind.Name(), temporality, OtlpEncoder.ScopeName, JsonbText(series.AttributeKeys, series.AttributeValues));
    }

    /// <summary>The digest of a series as the view shows it; <paramref name="attributes"/> is the text that PostgreSQL makes of the <c>jsonb</c>.</summary>
    public static byte[] Of(string metric, string unit, string kind, string temporality, string scope, string attributes) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', metric, unit, kind, temporality, scope, attributes)));

    /// <summary>An object of texts as PostgreSQL prints a <c>jsonb</c>: short keys first, those of one length by their bytes.</summary>
    internal static string JsonbText(ReadOnlySpan<string> keys, ReadOnlySpan<string> values)
    {
        (byte[] Key, string Text)[] members = new (byte[], string)[keys.Length];
        for (int index = 0; index < members.Length; index++)
        {
            members[index] = (Encoding.UTF8.GetBytes(keys[index]), $"{Quote(keys[index])}: {Quote(values[index])}");
        }

        Array.Sort(members, (left, right) => left.Key.Length != right.Key.Length ? left.Key.Length.CompareTo(right.Key.Length) : left.Key.AsSpan().SequenceCompareTo(right.Key));
        return $"{{{string.Join(", ", members.Select(member => member.Text))}}}";
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char character in text)
        {
            _ = character switch
            {
                '"' or '\\' => quoted.Append('\\').Append(character),
                '\b' => quoted.Append("\\b"),
                '\f' => quoted.Append("\\f"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' => quoted.Append("\\u").Append(((int)character).ToString("x4", System.Globalization.CultureInfo.InvariantCulture)),
                _ => quoted.Append(character),
            };
        }

        return quoted.Append('"').ToString();
    }
}
