using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Hostwire.Monitoring;

/// <summary>One instrument as Prometheus sees it: a name, a type, and its samples. Not safe for use by several threads at once.</summary>
internal sealed class PrometheusFamily
{
    private readonly string _name;
    private readonly string _type;
    private readonly string _help;
    private readonly double[] _bounds;
    private readonly long[] _buckets;
    private readonly StringBuilder _samples = new();
    private double _sum;

    public PrometheusFamily(Instrument instrument)
    {
        _name = PrometheusName.Of(instrument);
        _help = instrument.Description ?? "";
        IsDistribution = instrument is Histogram<double>;
        _type = IsDistribution ? "histogram" : instrument is ObservableCounter<double> ? "counter" : "gauge";
        _bounds = instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } ? [.. bounds] : [];
        _buckets = new long[_bounds.Length + 1];
    }

    /// <summary>Whether what is recorded is gathered, instead of read anew each time.</summary>
    public bool IsDistribution { get; }

    /// <summary>Adds a value to the distribution. Allocates nothing.</summary>
    public void Record(double value)
    {
        int bucket = 0;
        while (bucket < _bounds.Length && value > _bounds[bucket])
        {
            bucket++;
        }

        _buckets[bucket]++;
        _sum += value;
    }

    /// <summary>Adds a sample to those that are written next.</summary>
    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        _samples.Append(_name);
        char separator = '{';
        foreach ((string key, object? label) in labels)
        {
            _samples.Append(separator).Append(PrometheusName.Letters(key)).Append("=\"");
            AppendEscaped(_samples, label?.ToString() ?? "", withQuotes: true);
            _samples.Append('"');
            separator = ',';
        }

        _samples.Append(separator == ',' ? "} " : " ").Append(Number(value)).Append('\n');
    }

    /// <summary>Writes help, type and samples, and forgets the samples; nothing where there are none.</summary>
    public void WriteTo(StringBuilder page)
    {
        if (IsDistribution)
        {
            AddBuckets();
        }

        if (_samples.Length > 0)
        {
            page.Append("# HELP ").Append(_name).Append(' ');
            AppendEscaped(page, _help, withQuotes: false);
            page.Append("\n# TYPE ").Append(_name).Append(' ').Append(_type).Append('\n').Append(_samples);
            _samples.Clear();
        }
    }

    private void AddBuckets()
    {
        long count = 0;
        for (int bucket = 0; bucket < _buckets.Length; bucket++)
        {
            count += _buckets[bucket];
            string bound = bucket < _bounds.Length ? Number(_bounds[bucket]) : "+Inf";
            _samples.Append(CultureInfo.InvariantCulture, $"{_name}_bucket{{le=\"{bound}\"}} {count}\n");
        }

        _samples.Append(CultureInfo.InvariantCulture, $"{_name}_sum {Number(_sum)}\n{_name}_count {count}\n");
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static void AppendEscaped(StringBuilder text, string value, bool withQuotes)
    {
        foreach (char letter in value)
        {
            _ = letter switch
            {
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '"' when withQuotes => text.Append("\\\""),
                _ => text.Append(letter),
            };
        }
    }
}
