namespace Hostwire.Sink;

/// <summary>A histogram, an exponential histogram or a summary with one set of attributes, and the series of its parts.</summary>
internal sealed class DistributionSeries(byte[] identity, DistributionScope scope, AttributeSet attributes)
{
    // A byte, because the hash of an enum takes an allocation where code is not optimised.
    private readonly Dictionary<(byte Part, long Label), SeriesEntry> _parts = [];

    /// <summary>What kind it is, and its name.</summary>
    public DistributionMetric Metric => scope.Metric;

    /// <summary>The series of a part; <paramref name="isNew"/>: it was not known to this cache before.</summary>
    public SeriesEntry Part(DistributionPart part, long label, out bool isNew)
    {
        isNew = !_parts.TryGetValue(((byte)part, label), out SeriesEntry? entry);
        if (isNew)
        {
            entry = new SeriesEntry(Identity.OfPartSeries(identity, part, label))
            {
                Metric = Metric.Part(part),
                Scope = AttributeSet.Text(scope.Scope),
                AttributesJson = scope.Resource.Attributes.ToJson(attributes, DistributionParts.Label(part, label)),
                SourceIdentity = identity,
            };
            _parts.Add(((byte)part, label), entry);
        }

        return entry!;
    }
}
