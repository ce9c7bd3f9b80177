namespace Hostwire.Metrics;

/// <summary>The kinds as people, the database and the documentation write them.</summary>
public static class MetricKindNames
{
    /// <summary><c>gauge</c>, <c>counter</c> or <c>up-down</c>.</summary>
    public static string Name(this MetricKind kind) => kind switch
    {
        MetricKind.Gauge => "gauge",
        MetricKind.Counter => "counter",
        _ => "up-down",
    };
}
