using Hostwire.Metrics;
using Hostwire.Simulation.Hosts;

namespace Hostwire.Tests.Simulation;

/// <summary>Runs a fleet for a number of scrapes, for tests to look at what it says.</summary>
internal static class SimulatedFleet
{
    public static DateTimeOffset Start { get; } = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);

    public static FleetRequest Request { get; } = new() { Start = Start, Hosts = 8 };

    /// <summary>Every scrape, in order; the points are copies.</summary>
    public static IEnumerable<(FleetTick Tick, bool IsUp, ScrapePoint[] Points, FrameGroup[] Groups)> Run(FleetRequest request, int scrapes)
    {
        var fleet = new Fleet(request);
        var scrape = new Scrape();
        var groups = new List<FrameGroup>();
        for (long number = 0; number < (long)scrapes * fleet.Count; number++)
        {
            FleetTick tick = fleet.TickAt(number);
            bool isUp = tick.Host.TryScrape(tick.Time, tick.SlowIsDue, scrape, groups);
            yield return (tick, isUp, scrape.Points.ToArray(), [.. groups]);
        }
    }

    /// <summary>The metric's value, by its attributes.</summary>
    public static double Value(this ScrapePoint[] points, string metric, params string[] attributes) =>
        points.Single(point => point.Series.Metric.Name.Equals(metric, StringComparison.Ordinal) && attributes.All(value => point.Series.AttributeValues.Contains(value, StringComparer.Ordinal))).Double;

    /// <summary>All values of a metric.</summary>
    public static IEnumerable<ScrapePoint> Of(this ScrapePoint[] points, string metric) =>
        points.Where(point => point.Series.Metric.Name.Equals(metric, StringComparison.Ordinal));
}
