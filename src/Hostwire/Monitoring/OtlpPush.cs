using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Hostwire.Monitoring;

/// <summary>Pushes what a meter measures by OTLP over HTTP, now and then, with OpenTelemetry's SDK. Made only where a setting asks for it: it takes some megabytes.</summary>
internal static class OtlpPush
{
    private const int MillisecondsASecond = 1000;

    /// <summary>Starts pushing; disposing the result ends it, after a last push. Null where no setting asks for it.</summary>
    /// <param name="options">Where to, and how often.</param>
    /// <param name="meter">What is pushed.</param>
    /// <param name="service">Sent as <c>service.name</c>.</param>
    /// <param name="logger">Is told when a push fails, and when one works again.</param>
    public static IDisposable? Start(MetricsOptions options, SelfMeter meter, string service, ILogger logger)
    {
        if (!MetricsOptions.TryParseEndpoint(options.OtlpEndpoint, out Uri endpoint))
        {
            return null;
        }

        var exporter = new OtlpPushExporter(
            new OtlpExporterOptions { Endpoint = endpoint, Protocol = OtlpExportProtocol.HttpProtobuf, Headers = options.OtlpHeaders }, endpoint, logger);
        return Sdk.CreateMeterProviderBuilder()
            .AddMeter(meter.Meter.Name)
            .ConfigureResource(resource => resource.AddService(service, serviceVersion: ProductVersion.Number, serviceInstanceId: Environment.MachineName))
            .AddReader(new PeriodicExportingMetricReader(exporter, options.OtlpIntervalSeconds * MillisecondsASecond))
            .Build();
    }
}
