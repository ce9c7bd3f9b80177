using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Tests.Collectors;

/// <summary>What a collector reads, by the series' text, e.g. <c>system.disk.io{device=vda,direction=read}</c>.</summary>
internal static class Reading
{
    /// <summary>One reading. Fails where a series occurs twice: a frame has one place for it.</summary>
    public static Dictionary<string, double> Of(ICollector collector)
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (ref readonly ScrapePoint point in Points(collector).Points)
        {
            Assert.Equal(point.Series.Metric.IsInteger, point.IsInteger);
            Assert.True(double.IsFinite(point.Double), $"{point.Series} is {point.Double}");
            values.Add(point.Series.ToString(), point.Double);
        }

        return values;
    }

    /// <summary>One reading, as the agent gets it.</summary>
    public static Scrape Points(ICollector collector)
    {
        var scrape = new Scrape();
        scrape.BeginGroup(1_000);
        collector.Collect(scrape);
        return scrape;
    }

    /// <summary>Fails where reading allocates although every device has been seen.</summary>
    public static void AssertAllocatesNothing(ICollector collector, bool mayBeEmpty = false)
    {
        var scrape = new Scrape();
        long time = 1_000;
        for (int warmUp = 0; warmUp < 3; warmUp++)
        {
            Collect();
        }

        Allocations.AssertNone(() =>
        {
            // Many, for one that allocates now and then.
            for (int i = 0; i < 20; i++)
            {
                Collect();
            }
        });
        Assert.True(mayBeEmpty || scrape.Count > 0, "Nothing was read.");

        void Collect()
        {
            scrape.Clear();
            scrape.BeginGroup(time++);
            collector.Collect(scrape);
        }
    }
}
