using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Monitoring;

/// <summary>Runs an agent or a sink as a service: its health and its metrics can be asked for, and whoever manages services on this machine is kept informed.</summary>
internal sealed class WatchedRun(IWatchedService service, MetricsOptions options, IReadOnlyDictionary<string, string> environment, ILoggerFactory loggers, TimeProvider time)
{
    private readonly ILogger _logger = loggers.CreateLogger<WatchedRun>();

    /// <summary>Runs it until it ends, by itself or because it was told to.</summary>
    public async Task<ExitCode> RunAsync(CancellationToken stopping)
    {
        using var meter = new SelfMeter($"hostwire.{service.Name}");
        service.Publish(meter);
        meter.Observe(HealthMetrics.All, service.State);
        meter.Observe(ProcessMetrics.All, new ProcessMetrics(time));
        using IDisposable? push = OtlpPush.Start(options, meter, $"hostwire-{service.Name}", _logger);
        using var page = new PrometheusPage(meter.Meter);
        using ServiceManager manager = ServiceManager.From(environment, loggers, time);
        using var ending = new CancellationTokenSource();
        Task[] beside =
        [
            new ServiceReporter(manager, service.State, _logger, time).RunAsync(ending.Token),
            ServeAsync(page, ending.Token),
            service.Certificates.RunAsync(ending.Token),
        ];
        await using CancellationTokenRegistration told = stopping.Register(manager.Stopping);
        try
        {
            return await service.RunAsync(stopping);
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(beside);
        }
    }

    private Task ServeAsync(PrometheusPage page, CancellationToken stopping)
    {
        (string key, string listen) = service.Name is "agent" ? ("metrics.agent_listen", options.AgentListen) : ("metrics.sink_listen", options.SinkListen);
        return MetricsOptions.TryParseAddress(listen, out System.Net.IPEndPoint address)
            ? new MonitorServer(address, key, new MonitorPaths(service.State, page).Answer, _logger, time).RunAsync(stopping)
            : Task.CompletedTask;
    }
}
