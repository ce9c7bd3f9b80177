using Hostwire.Metrics;

namespace Hostwire.Sink;

/// <summary>A metric as one scope sends it, with what its resources give to series: the first half of what tells series apart.</summary>
internal sealed class MetricScope
{
    /// <summary>Number in the cache, for composite keys.</summary>
    public required int CacheId { get; init; }

    public required MetricEntry Metric { get; init; }

    public required SeriesResource Resource { get; init; }

    /// <summary>Name of the instrumentation scope, UTF-8 as sent.</summary>
    public required byte[] Scope { get; init; }

    /// <summary>Name of the metric, UTF-8 as sent.</summary>
    public required byte[] Name { get; init; }

    /// <summary>Its unit, UTF-8 as sent.</summary>
    public required byte[] Unit { get; init; }

    /// <summary>What came after it last. Senders keep their metrics in order, so this is where to look first.</summary>
    public MetricScope? Next { get; set; }

    /// <summary>Whether it is this one.</summary>
    public bool Is(SeriesResource resource, MetricKind kind, Temporality temporality, ReadOnlySpan<byte> name, ReadOnlySpan<byte> unit, ReadOnlySpan<byte> scope) =>
        ReferenceEquals(resource, Resource) && kind == Metric.Kind && temporality == Metric.Temporality
        && name.SequenceEqual(Name) && unit.SequenceEqual(Unit) && scope.SequenceEqual(Scope);
}
