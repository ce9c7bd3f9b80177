using Hostwire.Metrics;

namespace Hostwire.Monitoring;

/// <summary>What <c>/healthz</c> and <c>/readyz</c> say, as metrics, so that an alert can stand on them.</summary>
internal static class HealthMetrics
{
    /// <summary>Both.</summary>
    public static SelfMetric<ServiceState>[] All { get; } =
    [
        new(Define("hostwire.healthy", "1 while every loop of this process advances, else 0: what /healthz says."), (state, to) => to.Add(state.Stuck().Length == 0 ? 1 : 0)),
        new(Define("hostwire.ready", "1 while this process does its job, else 0: what /readyz says."), (state, to) => to.Add(state.IsReady ? 1 : 0)),
    ];

    private static Metric Define(string name, string description) => new()
    {
        Name = name,
        Unit = "{state}",
        Kind = MetricKind.Gauge,
        IsInteger = true,
        Description = description,
        Source = "this process",
    };
}
