using System.Diagnostics.Metrics;
using System.Text;

namespace Hostwire.Monitoring;

/// <summary>Names as Prometheus writes them, by OpenTelemetry's rules, so that a metric is called the same whether it is scraped here or comes there by OTLP.</summary>
internal static class PrometheusName
{
    /// <summary><c>hostwire.sink.batch.duration</c> in <c>s</c> becomes <c>hostwire_sink_batch_duration_seconds</c>; a counter ends in <c>_total</c>.</summary>
    public static string Of(string name, string unit, bool isCounter)
    {
        string text = Letters(name);
        string word = UnitWord(unit);
        if (word.Length > 0 && !text.EndsWith($"_{word}", StringComparison.Ordinal))
        {
            text = $"{text}_{word}";
        }

        return isCounter && !text.EndsWith("_total", StringComparison.Ordinal) ? text + "_total" : text;
    }

    /// <inheritdoc cref="Of(string, string, bool)"/>
    public static string Of(Instrument instrument) => Of(instrument.Name, instrument.Unit ?? "", instrument is ObservableCounter<double>);

    /// <summary>With what Prometheus does not take in a name or a label's name replaced by an underscore.</summary>
    public static string Letters(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (char letter in name)
        {
            text.Append(char.IsAsciiLetterOrDigit(letter) ? letter : '_');
        }

        return text.Length == 0 || char.IsAsciiDigit(text[0]) ? $"_{text}" : text.ToString();
    }

    // Annotations in braces, such as {records}, are no unit.
    private static string UnitWord(string unit) => unit switch
    {
        "s" => "seconds",
        "By" => "bytes",
        "d" => "days",
        _ => "",
    };
}
