using System.Diagnostics.Metrics;
using System.Text;

namespace Hostwire.Monitoring;

/// <summary>Everything that one meter measures, in the text format that Prometheus scrapes. For any thread.</summary>
internal sealed class PrometheusPage : IDisposable
{
    /// <summary>The type that the text is sent with.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly List<PrometheusFamily> _families = [];

    /// <summary>Listens to a meter from now on; its instruments appear in the order in which they were made.</summary>
    public PrometheusPage(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
            {
                var family = new PrometheusFamily(instrument);
                lock (_gate)
                {
                    _families.Add(family);
                }

                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, value, labels, state) => Take((PrometheusFamily)state!, value, labels));
        _listener.Start();
    }

    /// <summary>The page as it is now.</summary>
    public string Text()
    {
        lock (_gate)
        {
            _listener.RecordObservableInstruments();
            var page = new StringBuilder(16 * 1024);
            foreach (PrometheusFamily family in _families)
            {
                family.WriteTo(page);
            }

            return page.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Take(PrometheusFamily family, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        lock (_gate)
        {
            if (family.IsDistribution)
            {
                family.Record(value);
            }
            else
            {
                family.Add(value, labels);
            }
        }
    }
}
