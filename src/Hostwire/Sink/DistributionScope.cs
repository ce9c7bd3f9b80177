namespace Hostwire.Sink;

/// <summary>A histogram, an exponential histogram or a summary as one resource and scope send it.</summary>
/// <param name="CacheId">Number in the cache, for composite keys.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Resource">What the resource gives to its series.</param>
/// <param name="Scope">Name of the instrumentation scope, UTF-8 as sent.</param>
internal sealed record DistributionScope(int CacheId, DistributionMetric Metric, SeriesResource Resource, byte[] Scope);
