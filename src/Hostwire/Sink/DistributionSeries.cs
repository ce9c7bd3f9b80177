namespace Hostwire.Sink;

/// <summary>A histogram, an exponential histogram or a summary with one set of attributes, and the series of its parts.</summary>
internal sealed class DistributionSeries(byte[] identity, DistributionScope scope, AttributeSet attributes)
{
    private readonly Dictionary<(DistributionPart Part, long Label), SeriesEntry> _parts = new(PartComparer.Instance);

    /// <summary>What kind it is, and its name.</summary>
    public DistributionMetric Metric => scope.Metric;

    /// <summary>The series of a part; <paramref name="isNew"/>: it was not known to this cache before.</summary>
    public SeriesEntry Part(DistributionPart part, long label, out bool isNew)
    {
        isNew = !_parts.TryGetValue((part, label), out SeriesEntry? entry);
        if (isNew)
        {
            entry = new SeriesEntry(Identity.OfPartSeries(identity, part, label))
            {
                Metric = Metric.Part(part),
                Scope = AttributeSet.Text(scope.Scope),
                AttributesJson = scope.Resource.Attributes.ToJson(attributes, DistributionParts.Label(part, label)),
                SourceIdentity = identity,
            };
            _parts.Add((part, label), entry);
        }

        return entry!;
    }

    /// <summary>Bounds are the sender's: whoever chooses them must not be able to choose their hashes.</summary>
    private sealed class PartComparer : IEqualityComparer<(DistributionPart Part, long Label)>
    {
        public static readonly PartComparer Instance = new();

        private readonly KeyedHash _hash = new();

        public bool Equals((DistributionPart Part, long Label) left, (DistributionPart Part, long Label) right) => left.Part == right.Part && left.Label == right.Label;

        public int GetHashCode((DistributionPart Part, long Label) key) => _hash.Of((int)key.Part, key.Label);
    }
}
