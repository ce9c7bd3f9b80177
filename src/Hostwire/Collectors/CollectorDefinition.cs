using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>A collector as the catalogue lists it: settings, help and documentation are made from this.</summary>
/// <param name="Name">The name in settings and logs, e.g. <c>cpu</c>; lower case.</param>
/// <param name="Description">One sentence for people.</param>
/// <param name="IntervalSeconds">How often it reads unless the settings say otherwise, in seconds.</param>
/// <param name="Metrics">Every metric it can yield.</param>
/// <param name="Create">Makes one.</param>
public sealed record CollectorDefinition(
    string Name,
    string Description,
    int IntervalSeconds,
    Metric[] Metrics,
    Func<CollectorSetup, ICollector> Create)
{
    /// <summary>Whether it runs unless the settings say otherwise.</summary>
    public bool IsOnByDefault { get; init; } = true;
}
