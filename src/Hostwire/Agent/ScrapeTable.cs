using System.Globalization;
using Hostwire.Diagnostics;
using Hostwire.Metrics;

namespace Hostwire.Agent;

/// <summary>Writes a scrape as a table for people: a row a point, values as they are stored. Names are escaped: a mount point is called whatever the disk's owner likes.</summary>
internal static class ScrapeTable
{
    private static readonly string[] Head = ["METRIC", "ATTRIBUTES", "VALUE", "UNIT", "KIND"];
    private const int ValueColumn = 2;

    /// <summary>Writes host and time, a head, and the points in the order in which they were read.</summary>
    public static void Write(TextWriter output, HostIdentity host, ReadOnlySpan<ScrapePoint> points)
    {
        var rows = new List<string[]> { Head };
        foreach (ref readonly ScrapePoint point in points)
        {
            rows.Add(Row(point));
        }

        output.WriteLine(Title(host, points));
        output.WriteLine();
        int[] widths = [.. Enumerable.Range(0, Head.Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) => column == ValueColumn ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private static string Title(HostIdentity host, ReadOnlySpan<ScrapePoint> points)
    {
        string id = host.Id is null ? "without id" : $"id {host.Id}";
        string attributes = string.Concat(host.Attributes.Select(attribute => $", {attribute.Key}={attribute.Value}"));
        string time = points.IsEmpty ? "" : $", read at {UnixTime.ToText(points[0].TimeUnixNano)}";
        return PlainText.Of(string.Create(CultureInfo.InvariantCulture, $"{host.Name} ({id}{attributes}): {points.Length} values{time}"));
    }

    private static string[] Row(ScrapePoint point)
    {
        Metric metric = point.Series.Metric;
        string value = point.IsInteger ? point.Integer.ToString(CultureInfo.InvariantCulture) : point.Double.ToString("R", CultureInfo.InvariantCulture);
        string attributes = string.Join(' ', point.Series.Attributes.Select(attribute => $"{attribute.Key}={attribute.Value}"));
        return [PlainText.Of(metric.Name), PlainText.Of(attributes), value, PlainText.Of(metric.Unit), metric.Kind.Name()];
    }
}
