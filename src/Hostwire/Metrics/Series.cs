namespace Hostwire.Metrics;

/// <summary>One metric with one set of attribute values, e.g. <c>system.cpu.time{cpu=cpu0,state=user}</c>. It has no host.</summary>
/// <remarks>
/// Made once, when a device is first seen, and kept by its collector: a scrape refers to it and allocates nothing.
/// Compared by reference.
/// </remarks>
public sealed class Series
{
    /// <summary>Makes a series; <paramref name="attributeValues"/> stand in the order of <see cref="Metric.AttributeKeys"/>, one for each.</summary>
    /// <exception cref="ArgumentException">The number of values is not the number of keys.</exception>
    public Series(Metric metric, params string[] attributeValues)
        : this(metric, metric.AttributeKeys, attributeValues)
    {
    }

    /// <summary>Makes a series with keys of its own: what a user's command prints has not the same ones for each series of a metric.</summary>
    /// <exception cref="ArgumentException">The number of values is not the number of keys.</exception>
    public Series(Metric metric, string[] attributeKeys, string[] attributeValues)
    {
        if (attributeValues.Length != attributeKeys.Length)
        {
            throw new ArgumentException($"{metric.Name} has {attributeKeys.Length} attributes, not {attributeValues.Length}.", nameof(attributeValues));
        }

        Metric = metric;
        AttributeKeys = attributeKeys;
        AttributeValues = attributeValues;
    }

    /// <summary>The metric.</summary>
    public Metric Metric { get; }

    /// <summary>The attributes' keys; nearly always the metric's.</summary>
    public string[] AttributeKeys { get; }

    /// <summary>The attributes' values, one for each key.</summary>
    public string[] AttributeValues { get; }

    /// <summary>What it is about, where that is not the host.</summary>
    public Subject? Subject { get; init; }

    /// <summary>All attributes, those of the subject first.</summary>
    public IEnumerable<KeyValuePair<string, string>> Attributes =>
        Pairs(Subject?.Keys ?? [], Subject?.Values ?? []).Concat(Pairs(AttributeKeys, AttributeValues));

    /// <summary>What the OTLP encoder has made of the attributes; kept here so that it lives exactly as long as the series.</summary>
    internal byte[]? OtlpAttributes { get; set; }

    /// <inheritdoc/>
    public override string ToString() =>
        Subject is null && AttributeValues.Length == 0
            ? Metric.Name
            : $"{Metric.Name}{{{string.Join(',', Attributes.Select(attribute => $"{attribute.Key}={attribute.Value}"))}}}";

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string[] keys, string[] values) => keys.Zip(values, KeyValuePair.Create);
}
