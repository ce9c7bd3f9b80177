using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>Makes series of the metrics that the catalogue lists, so that a simulated host and a real one send the same ones.</summary>
internal sealed class SeriesBook
{
    private readonly Dictionary<string, Metric> _metrics =
        CollectorCatalogue.All.SelectMany(definition => definition.Metrics).ToDictionary(metric => metric.Name, StringComparer.Ordinal);

    /// <summary>A series; the values stand in the order of the metric's keys.</summary>
    /// <exception cref="ArgumentException">The metric has another number of attributes.</exception>
    /// <exception cref="KeyNotFoundException">There is no such metric.</exception>
    public Series Make(string metric, params string[] attributeValues) => new(_metrics[metric], attributeValues);
}
