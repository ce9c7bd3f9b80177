using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Monitoring;

/// <summary>On each SIGHUP reads the settings again, has the service go on with them, and says what came of it. Settings that are wrong change nothing.</summary>
/// <param name="signal">Who asks.</param>
/// <param name="read">Reads settings and files again; throws a <see cref="UserException"/> where something is wrong with them.</param>
/// <param name="inForce">The settings that the service runs with.</param>
/// <param name="sections">Those that it uses.</param>
/// <param name="service">The service.</param>
/// <param name="log">The log, whose level and format are settings too.</param>
internal sealed partial class Reloader(ReloadSignal signal, Func<HostwireOptions> read, HostwireOptions inForce, SettingSections sections, IWatchedService service, LogOutput log)
{
    private readonly ILogger _logger = log.CreateLogger(typeof(Reloader).FullName!);

    private HostwireOptions _inForce = inForce;

    /// <summary>Works until told to stop.</summary>
    public async Task RunAsync(ServiceManager manager, ServiceReporter reporter, CancellationToken stopping)
    {
        try
        {
            // Before its start is over nothing can be told from what it is doing anyway, and a READY=1 would be one too early.
            await service.State.Started.WaitAsync(stopping);
            while (true)
            {
                await signal.WaitAsync(stopping);
                manager.Reloading();
                await ReloadAsync(stopping);
                reporter.Reloaded();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task ReloadAsync(CancellationToken stopping)
    {
        try
        {
            SettingsChange change = SettingsChange.Of(_inForce, read(), service.Name, sections);
            await service.ReloadAsync(change.Options).WaitAsync(stopping);
            log.Apply(change.Options.Log);
            _inForce = change.Options;
            LogReloaded(change.Applied.Count > 0 ? string.Join(", ", change.Applied) : "none");
            if (change.NeedRestart.Count > 0)
            {
                LogNeedsRestart($"{string.Join(", ", change.NeedRestart)} {(change.NeedRestart.Count == 1 ? "needs" : "need")} a restart");
            }
        }
        catch (UserException error)
        {
            LogRefused(error.Message.ReplaceLineEndings(" "));
        }
#pragma warning disable CA1031 // A fault of ours in a reload is no reason to end what runs.
        catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogBroken(error);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Settings and certificates were read again; changed settings: {Keys}")]
    private partial void LogReloaded(string keys);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Settings}: until then what was set before counts")]
    private partial void LogNeedsRestart(string settings);

    [LoggerMessage(Level = LogLevel.Error, Message = "The settings could not be read again by a fault of our own; please report this")]
    private partial void LogBroken(Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The settings were read again and cannot be used, so nothing has changed: {Reason}")]
    private partial void LogRefused(string reason);
}
