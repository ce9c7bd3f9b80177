using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Otlp;

/// <summary>What our reader of JSON skips.</summary>
internal static class Exemplars
{
    /// <summary>Takes them out of a message.</summary>
    public static void Clear(ExportMetricsServiceRequest request)
    {
        foreach (Metric metric in request.ResourceMetrics.SelectMany(resource => resource.ScopeMetrics).SelectMany(scope => scope.Metrics))
        {
            foreach (NumberDataPoint point in (metric.Gauge?.DataPoints ?? []).Concat(metric.Sum?.DataPoints ?? []))
            {
                point.Exemplars.Clear();
            }

            foreach (HistogramDataPoint point in metric.Histogram?.DataPoints ?? [])
            {
                point.Exemplars.Clear();
            }

            foreach (ExponentialHistogramDataPoint point in metric.ExponentialHistogram?.DataPoints ?? [])
            {
                point.Exemplars.Clear();
            }
        }
    }
}
