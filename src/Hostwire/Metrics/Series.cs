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
    {
        if (attributeValues.Length != metric.AttributeKeys.Length)
        {
            throw new ArgumentException($"{metric.Name} has {metric.AttributeKeys.Length} attributes, not {attributeValues.Length}.", nameof(attributeValues));
        }

        Metric = metric;
        AttributeValues = attributeValues;
    }

    /// <summary>The metric.</summary>
    public Metric Metric { get; }

    /// <summary>The attributes' values, one for each of the metric's keys.</summary>
    public string[] AttributeValues { get; }

    /// <summary>What the OTLP encoder has made of the attributes; kept here so that it lives exactly as long as the series.</summary>
    internal byte[]? OtlpAttributes { get; set; }

    /// <inheritdoc/>
    public override string ToString() =>
        AttributeValues.Length == 0
            ? Metric.Name
            : $"{Metric.Name}{{{string.Join(',', Metric.AttributeKeys.Zip(AttributeValues, (key, value) => $"{key}={value}"))}}}";
}
