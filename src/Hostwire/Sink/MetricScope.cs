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
}
