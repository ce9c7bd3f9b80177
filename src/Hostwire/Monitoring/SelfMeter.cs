using System.Diagnostics.Metrics;
using Hostwire.Diagnostics;
using Hostwire.Metrics;

namespace Hostwire.Monitoring;

/// <summary>The metrics of this process as instruments of .NET's metrics API, for whoever listens: the page that Prometheus scrapes, and the push by OTLP.</summary>
internal sealed class SelfMeter(string name) : IDisposable
{
    /// <summary>The meter that all instruments belong to.</summary>
    public Meter Meter { get; } = new(name, ProductVersion.Number);

    /// <summary>Makes observable instruments of metrics whose values are in <paramref name="source"/>.</summary>
    public void Observe<T>(IEnumerable<SelfMetric<T>> metrics, T source)
    {
        foreach (SelfMetric<T> metric in metrics)
        {
            Observe(metric.Metric, () =>
            {
                var measurements = new Measurements(metric.Metric);
                metric.Read(source, measurements);
                return measurements.Taken;
            });
        }
    }

    /// <summary>Makes the instrument of a distribution; recording costs nothing to speak of while nobody listens.</summary>
    public Histogram<double> Histogram(SelfHistogram histogram) =>
        Meter.CreateHistogram(histogram.Name, histogram.Unit, histogram.Description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = histogram.Bounds });

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    private void Observe(Metric metric, Func<IEnumerable<Measurement<double>>> read)
    {
        _ = metric.Kind switch
        {
            MetricKind.Counter => (Instrument)Meter.CreateObservableCounter(metric.Name, read, metric.Unit, metric.Description),
            MetricKind.UpDown => Meter.CreateObservableUpDownCounter(metric.Name, read, metric.Unit, metric.Description),
            _ => Meter.CreateObservableGauge(metric.Name, read, metric.Unit, metric.Description),
        };
    }

    private sealed class Measurements(Metric metric) : ISelfReadings
    {
        public List<Measurement<double>> Taken { get; } = [];

        public void Add(double value, string? first = null, string? second = null)
        {
            string[] keys = metric.AttributeKeys;
            Taken.Add(keys.Length switch
            {
                0 => new(value),
                1 => new(value, new KeyValuePair<string, object?>(keys[0], first)),
                _ => new(value, new KeyValuePair<string, object?>(keys[0], first), new KeyValuePair<string, object?>(keys[1], second)),
            });
        }
    }
}
