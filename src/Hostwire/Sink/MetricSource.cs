using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>What a metric is a part of: all that is needed to put the parts together again.</summary>
/// <param name="Kind">Histogram, exponential histogram or summary.</param>
/// <param name="Name">Its name.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Part">Which part of it.</param>
internal sealed record MetricSource(MetricDataKind Kind, string Name, string Unit, DistributionPart Part);
