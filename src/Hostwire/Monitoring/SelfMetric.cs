using Hostwire.Metrics;

namespace Hostwire.Monitoring;

/// <summary>A metric that agent or sink keeps of itself, and where its values come from. Read when somebody asks; nothing is done for it meanwhile.</summary>
/// <param name="Metric">Name, unit, kind, description.</param>
/// <param name="Read">Hands over the values there are now. Called by any thread; must not throw.</param>
/// <typeparam name="T">What holds the values.</typeparam>
internal sealed record SelfMetric<T>(Metric Metric, Action<T, ISelfReadings> Read)
{
    /// <summary>With the one that holds the values.</summary>
    public BoundMetric Of(T source) => new(Metric, to => Read(source, to));
}
