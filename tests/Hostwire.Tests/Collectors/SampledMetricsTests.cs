using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Tests.Collectors;

/// <summary>Our metrics are those of a real Collector: one query serves the hosts of both.</summary>
public sealed class SampledMetricsTests
{
    // Attributes whose values are the same on every host. All others name devices.
    private static readonly string[] FixedAttributes = ["state", "status", "type", "direction", "protocol"];

    // In filesystems' metrics this is the kind of the file system, which differs from host to host.
    private const string FilesystemPrefix = "system.filesystem.";

    private static readonly Dictionary<string, CollectorDefinition> Definitions = CollectorCatalogue.All
        .SelectMany(definition => definition.Metrics, (definition, metric) => (metric.Name, definition))
        .ToDictionary(pair => pair.Name, pair => pair.definition, StringComparer.Ordinal);

    public static TheoryData<string> SampledMetrics { get; } = [.. CollectorSample.ByMetric.Select(samples => samples.Key)];

    [Fact]
    public void The_samples_are_there() => Assert.Equal(36, SampledMetrics.Count);

    [Theory]
    [MemberData(nameof(SampledMetrics))]
    public void Every_metric_of_a_collector_is_in_the_catalogue_as_it_sends_it(string name)
    {
        Assert.True(Definitions.ContainsKey(name), $"The catalogue has no {name}.");
        Metric ours = OurMetric(name);
        Assert.All(CollectorSample.ByMetric[name], sample =>
        {
            Assert.Equal(sample.Unit, ours.Unit);
            Assert.Equal(sample.Kind is "gauge" ? MetricKind.Gauge : sample.IsMonotonic!.Value ? MetricKind.Counter : MetricKind.UpDown, ours.Kind);
            Assert.Equal(sample.Kind is "gauge" ? null : (int)Temporality.Cumulative, sample.Temporality);
            Assert.Equal(sample.IsInteger, ours.IsInteger);
            Assert.Equal(sample.Attributes.Keys.Order(StringComparer.Ordinal), ours.AttributeKeys.Order(StringComparer.Ordinal));
        });
    }

    [Theory]
    [MemberData(nameof(SampledMetrics))]
    public void Attributes_that_do_not_name_devices_have_the_values_a_collector_sends(string name)
    {
        ILookup<string, Series> seriesByMetric = SeriesOf(Definitions[name]);
        foreach (string key in OurMetric(name).AttributeKeys.Where(key => IsFixed(name, key)))
        {
            var theirs = CollectorSample.ByMetric[name].Select(sample => sample.Attributes[key]).ToHashSet(StringComparer.Ordinal);
            var ours = seriesByMetric[name].Select(series => series.AttributeValues[Array.IndexOf(series.Metric.AttributeKeys, key)]).ToHashSet(StringComparer.Ordinal);
            if (name is "system.processes.count")
            {
                // The Collector leaves out a status that no process has; we send its zero.
                Assert.Subset(ours, theirs);
            }
            else
            {
                Assert.Equal(theirs.Order(StringComparer.Ordinal), ours.Order(StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public void Shares_of_memory_are_rounded_bit_for_bit_as_a_collector_does()
    {
        CollectorSample[] shares = [.. CollectorSample.ByMetric["system.memory.utilization"]];
        Assert.Equal(6 * 6, shares.Length);
        Assert.All(shares, share =>
        {
            double expected = Ratio.Of((long)ValueIn(share.Record, "system.memory.usage", share.Attributes["state"]), (long)ValueIn(share.Record, "system.memory.limit"));
            Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(share.Value));
        });
    }

    [Fact]
    public void Memory_in_use_is_what_a_collector_takes_for_it() =>
        Assert.All(CollectorSample.ByMetric["system.linux.memory.available"], available => Assert.Equal(
            ValueIn(available.Record, "system.memory.limit") - available.Value,
            ValueIn(available.Record, "system.memory.usage", "used")));

    [Fact]
    public void Paging_counters_of_a_collector_are_the_kernels_times_4096()
    {
        CollectorSample[] counters = [.. CollectorSample.ByMetric["system.paging.operations"], .. CollectorSample.ByMetric["system.paging.faults"]];
        Assert.Equal(12 * (4 + 2), counters.Length);
        Assert.All(counters, counter => Assert.Equal(0, counter.Value % 4096));

        // What was read from the only disk is known besides, and pgpgin is that in KiB.
        CollectorSample read = CollectorSample.ByMetric["system.disk.io"].First(sample => sample.Attributes["direction"] is "read");
        CollectorSample pagedIn = CollectorSample.ByMetric["system.paging.operations"].First(sample => sample.Attributes["direction"] is "page_in" && sample.Attributes["type"] is "minor");
        Assert.Equal(read.Record, pagedIn.Record);
        Assert.Equal(read.Value / 1024 * 4096, pagedIn.Value);
    }

    private static bool IsFixed(string metric, string attribute) =>
        FixedAttributes.Contains(attribute, StringComparer.Ordinal)
        && !(attribute is "type" && metric.StartsWith(FilesystemPrefix, StringComparison.Ordinal));

    private static Metric OurMetric(string name) => Definitions[name].Metrics.Single(metric => string.Equals(metric.Name, name, StringComparison.Ordinal));

    /// <summary>What the collector yields of the small VM, which is much like the one the samples were taken on, at its second reading.</summary>
    private static ILookup<string, Series> SeriesOf(CollectorDefinition definition)
    {
        using var host = new HostTree("small-vm");
        string stat = host.Read("proc/stat");
        host.Write("proc/stat", "cpu  0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0\nprocesses 0\nprocs_running 0\nprocs_blocked 0\n");
        ICollector collector = definition.Create(new CollectorSetup(host.Paths));
        Reading.Of(collector);
        host.Write("proc/stat", stat);
        return Reading.Points(collector).Points.ToArray().Select(point => point.Series).ToLookup(series => series.Metric.Name, StringComparer.Ordinal);
    }

    private static double ValueIn(string record, string metric, string? state = null) =>
        CollectorSample.ByMetric[metric].Single(sample =>
            string.Equals(sample.Record, record, StringComparison.Ordinal)
            && (state is null || string.Equals(sample.Attributes["state"], state, StringComparison.Ordinal))).Value;
}
