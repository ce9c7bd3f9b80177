using Hostwire.Metrics;

namespace Hostwire.Monitoring;

/// <summary>A metric that agent or sink keeps of itself, with the place where its values are.</summary>
/// <param name="Metric">Name, unit, kind, description.</param>
/// <param name="Read">Hands over the values there are now.</param>
internal sealed record BoundMetric(Metric Metric, Action<ISelfReadings> Read);
