using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Tests.Agent;

/// <summary>A collector that does what the test says.</summary>
internal sealed class FakeCollector(Action<Scrape> collect) : ICollector
{
    private static readonly Metric Metric = new()
    {
        Name = "fake",
        Unit = "1",
        Kind = MetricKind.Gauge,
        IsInteger = true,
        Description = "A value of a test.",
        Source = "the test",
        AttributeKeys = ["of"],
    };

    /// <summary>A series to yield values under.</summary>
    public static Series Series(string of) => new(Metric, of);

    public string? LeftOut { get; set; }

    public void Collect(Scrape scrape) => collect(scrape);
}
