using Hostwire.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Monitoring;

/// <summary>Runs an agent or a sink as a service: whoever manages services on this machine is kept informed.</summary>
internal sealed class WatchedRun(ServiceState state, IReadOnlyDictionary<string, string> environment, ILoggerFactory loggers, TimeProvider time)
{
    private readonly ILogger _logger = loggers.CreateLogger<WatchedRun>();

    /// <summary>Runs it until it ends, by itself or because it was told to.</summary>
    public async Task<ExitCode> RunAsync(Func<CancellationToken, Task<ExitCode>> service, CancellationToken stopping)
    {
        using ServiceManager manager = ServiceManager.From(environment, loggers, time);
        using var ending = new CancellationTokenSource();
        Task reporting = new ServiceReporter(manager, state, _logger, time).RunAsync(ending.Token);
        await using CancellationTokenRegistration told = stopping.Register(manager.Stopping);
        try
        {
            return await service(stopping);
        }
        finally
        {
            await ending.CancelAsync();
            await reporting;
        }
    }
}
