using System.Globalization;

namespace Hostwire.EndToEnd;

/// <summary>A page in Prometheus' text format.</summary>
internal static class MetricsPage
{
    /// <summary>The samples of a page, without comments.</summary>
    public static IEnumerable<string> Samples(string page) => page.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#');

    /// <summary>The value of a metric without labels, or the sum over its labels.</summary>
    public static double Sum(string page, string name) => Samples(page)
        .Where(line => string.Equals(line.Split('{', ' ')[0], name, StringComparison.Ordinal))
        .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))
        .DefaultIfEmpty(double.NaN)
        .Sum();
}
