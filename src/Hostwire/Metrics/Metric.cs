namespace Hostwire.Metrics;

/// <summary>A metric that a collector of ours can yield, with the name, unit and kind OpenTelemetry's host metrics receiver gives it.</summary>
/// <remarks>The catalogue, <c>docs/metrics.md</c> and the encoder all read these; nothing about a metric is written twice.</remarks>
public sealed record Metric
{
    /// <summary>The name, e.g. <c>system.cpu.time</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The unit in UCUM as OpenTelemetry writes it, e.g. <c>s</c>, <c>By</c>, <c>{packets}</c>, <c>1</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>Gauge, counter or up-down; sums of ours are cumulative.</summary>
    public required MetricKind Kind { get; init; }

    /// <summary>True where the Collector sends <c>as_int</c>: the kernel counts whole things.</summary>
    public required bool IsInteger { get; init; }

    /// <summary>One sentence for people: what the value is.</summary>
    public required string Description { get; init; }

    /// <summary>Where the value is read, e.g. <c>/proc/stat</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The keys of what its series are about, where that is not the host: see <see cref="Subject"/>.</summary>
    public string[] SubjectKeys { get; init; } = [];

    /// <summary>The keys of its attributes, in the order in which series list their values.</summary>
    public string[] AttributeKeys { get; init; } = [];
}
