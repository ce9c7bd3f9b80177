using Hostwire.Metrics;
using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>A metric that is a histogram, an exponential histogram or a summary, with the metrics of its parts.</summary>
internal sealed class DistributionMetric
{
    private readonly Dictionary<DistributionPart, MetricEntry> _parts = [];

    /// <summary>See <see cref="Sink.Identity.OfDistribution"/>.</summary>
    public required byte[] Identity { get; init; }

    public required MetricDataKind Kind { get; init; }

    public required string Name { get; init; }

    public required string Unit { get; init; }

    /// <summary>A summary's is cumulative: so OTLP says of its count and its sum.</summary>
    public required Temporality Temporality { get; init; }

    public required string Description { get; init; }

    /// <summary>The metric of a part.</summary>
    public MetricEntry Part(DistributionPart part)
    {
        if (!_parts.TryGetValue(part, out MetricEntry? entry))
        {
            MetricKind kind = DistributionParts.Kind(part);
            entry = new MetricEntry(Sink.Identity.OfPartMetric(Identity, part))
            {
                Name = $"{Name}.{DistributionParts.Name(part)}",
                Unit = DistributionParts.Unit(part, Unit),
                Kind = kind,
                Temporality = kind == MetricKind.Gauge ? Temporality.None : Temporality,
                Description = Description,
                Source = new MetricSource(Kind, Name, Unit, part),
            };
            _parts.Add(part, entry);
        }

        return entry;
    }
}
