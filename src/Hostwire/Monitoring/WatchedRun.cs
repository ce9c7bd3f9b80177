using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Monitoring;

/// <summary>
/// Runs an agent or a sink as a service: its health and its metrics can be asked for, whoever manages services on this machine is kept informed, and SIGHUP has it go on
/// with what the settings say then.
/// </summary>
/// <param name="service">The service.</param>
/// <param name="options">The settings it was made with.</param>
/// <param name="readAgain">Reads them again.</param>
/// <param name="sections">The sections it uses.</param>
/// <param name="environment">The environment variables.</param>
/// <param name="log">The log.</param>
/// <param name="time">The clock.</param>
internal sealed class WatchedRun(
    IWatchedService service,
    HostwireOptions options,
    Func<HostwireOptions> readAgain,
    SettingSections sections,
    IReadOnlyDictionary<string, string> environment,
    LogOutput log,
    TimeProvider time)
{
    private readonly ILogger _logger = log.CreateLogger(typeof(WatchedRun).FullName!);

    /// <summary>Runs it until it ends, by itself or because it was told to.</summary>
    public async Task<ExitCode> RunAsync(CancellationToken stopping)
    {
        using var signal = new ReloadSignal();
        using var meter = new SelfMeter($"hostwire.{service.Name}");
        service.Publish(meter);
        meter.Observe(HealthMetrics.All, service.State);
        meter.Observe(ProcessMetrics.All, new ProcessMetrics(time));
        using IDisposable? push = OtlpPush.Start(options.Metrics, meter, $"hostwire-{service.Name}", _logger);
        using var page = new PrometheusPage(meter.Meter);
        using ServiceManager manager = ServiceManager.From(environment, log, time);
        using var ending = new CancellationTokenSource();
        var reporter = new ServiceReporter(manager, service.State, _logger, time);
        Task[] beside =
        [
            reporter.RunAsync(ending.Token),
            new Reloader(signal, readAgain, options, sections, service, log).RunAsync(manager, reporter, ending.Token),
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
        (string key, string listen) = service.Name is "agent" ? ("metrics.agent_listen", options.Metrics.AgentListen) : ("metrics.sink_listen", options.Metrics.SinkListen);
        return MetricsOptions.TryParseAddress(listen, out System.Net.IPEndPoint address)
            ? new MonitorServer(address, key, new MonitorPaths(service.State, page).Answer, _logger, time).RunAsync(stopping)
            : Task.CompletedTask;
    }
}
