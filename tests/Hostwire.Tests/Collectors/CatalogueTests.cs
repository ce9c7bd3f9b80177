using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Tests.Collectors;

/// <summary>What holds for every collector of the catalogue.</summary>
public sealed class CatalogueTests
{
    // What a machine need not have: no agent that runs, no pressure accounts, not in a container, may not ask for the clock, no sensors.
    public static TheoryData<string> Optional { get; } = ["agent", "pressure", "container", "clock", "temperature"];

    public static TheoryData<string> Names { get; } = [.. CollectorCatalogue.All.Select(definition => definition.Name)];

    public static TheoryData<string, string> NamesAndHosts { get; } =
        [.. Names.SelectMany(_ => new[] { "small-vm", "big-128" }, (name, host) => new TheoryDataRow<string, string>(name.Data, host))];

    [Theory]
    [MemberData(nameof(Names))]
    public void This_machine_yields_points_of_every_source_it_has(string name)
    {
        ICollector collector = Create(name, new HostPaths());
        Reading.Of(collector);
        Dictionary<string, double> values = Reading.Of(collector);

        Assert.True(values.Count > 0 || IsOptional(name), $"{name} yields nothing here.");
    }

    [Theory]
    [MemberData(nameof(Optional))]
    public void A_host_that_lacks_an_optional_source_yields_no_points_and_no_error(string name)
    {
        using var nowhere = new TemporaryHost();
        ICollector collector = Create(name, nowhere.Paths);
        int points = Reading.Of(collector).Count;
        Assert.True(points == 0 || name is "clock", $"{name} yields {points} points of a host without files.");
        Assert.Null(collector.LeftOut);
    }

    [Theory]
    [MemberData(nameof(NamesAndHosts))]
    public void Nothing_is_allocated_once_every_device_has_been_seen(string name, string host)
    {
        ICollector collector = Create(name, HostFixture.Paths(host));
        Reading.AssertAllocatesNothing(collector, mayBeEmpty: IsOptional(name));
    }

    [Theory]
    [MemberData(nameof(NamesAndHosts))]
    public void Only_metrics_that_the_definition_lists_are_yielded(string name, string host)
    {
        CollectorDefinition definition = Definition(name);
        ICollector collector = definition.Create(new CollectorSetup(HostFixture.Paths(host)));
        Reading.Of(collector);
        foreach (ScrapePoint point in Reading.Points(collector).Points)
        {
            Assert.Contains(point.Series.Metric, definition.Metrics);
        }
    }

    [Fact]
    public void Names_are_unique_and_every_metric_says_what_it_is()
    {
        Assert.Distinct(CollectorCatalogue.All.Select(definition => definition.Name), StringComparer.Ordinal);
        Metric[] metrics = [.. CollectorCatalogue.All.SelectMany(definition => definition.Metrics)];
        Assert.Distinct(metrics.Select(metric => metric.Name), StringComparer.Ordinal);
        Assert.All(metrics, metric =>
        {
            Assert.EndsWith(".", metric.Description, StringComparison.Ordinal);
            Assert.NotEmpty(metric.Source);
            Assert.NotEmpty(metric.Unit);
        });
        Assert.All(CollectorCatalogue.All, definition => Assert.EndsWith(".", definition.Description, StringComparison.Ordinal));
    }

    private static bool IsOptional(string name) => Optional.Any(row => string.Equals(row.Data, name, StringComparison.Ordinal));

    private static CollectorDefinition Definition(string name) => CollectorCatalogue.All.Single(definition => string.Equals(definition.Name, name, StringComparison.Ordinal));

    private static ICollector Create(string name, HostPaths paths) => Definition(name).Create(new CollectorSetup(paths));
}
