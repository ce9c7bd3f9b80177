using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace Hostwire.Monitoring;

/// <summary>OpenTelemetry's exporter, which fails in silence, with a word in our log when it does and when it works again.</summary>
internal sealed partial class OtlpPushExporter(OtlpExporterOptions options, Uri endpoint, ILogger logger) : OtlpMetricExporter(options)
{
    private bool _isTroubled;

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> metrics)
    {
        ExportResult result = base.Export(metrics);
        if (result == ExportResult.Failure && !_isTroubled)
        {
            _isTroubled = true;
            LogFailed(Address);
        }
        else if (result == ExportResult.Success && _isTroubled)
        {
            _isTroubled = false;
            LogWorks(Address);
        }

        return result;
    }

    // Without a login that may stand in it.
    private string Address => endpoint.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Metrics could not be pushed to {Address}: check metrics.otlp_endpoint, that it takes OTLP over HTTP there, and metrics.otlp_headers. Values are totals, so the next push that works makes up for it")]
    private partial void LogFailed(string address);

    [LoggerMessage(Level = LogLevel.Information, Message = "Metrics are pushed to {Address} again")]
    private partial void LogWorks(string address);
}
