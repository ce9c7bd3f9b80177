using Microsoft.Extensions.Logging;

namespace Hostwire.Monitoring;

/// <summary>Keeps the service manager informed: that the start is over, now and then a sign of life while all loops advance, and in words what troubles it.</summary>
internal sealed partial class ServiceReporter(ServiceManager manager, ServiceState state, ILogger logger, TimeProvider time)
{
    private const string AllIsWell = "All is well.";

    // systemd advises half; a third leaves room for one that is lost.
    private const int SignsInAnInterval = 3;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private string _status = "";
    private bool _isStuck;

    /// <summary>Works until told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await state.Started.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stopping.IsCancellationRequested)
        {
            return;
        }

        _status = Status();
        manager.Ready(_status);
        TimeSpan look = manager.WatchdogInterval / SignsInAnInterval is { } sign && sign < LookEvery ? sign : LookEvery;
        while (!stopping.IsCancellationRequested)
        {
            Look();
            await Task.Delay(look, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The reload is over.</summary>
    public void Reloaded() => manager.Ready(_status = Status());

    private void Look()
    {
        string[] stuck = state.Stuck();
        if (stuck.Length > 0 && !_isStuck)
        {
            // Whoever watches over this process ends it and starts another; the reason must not be lost with it.
            LogStuck(string.Join(' ', stuck));
        }

        _isStuck = stuck.Length > 0;
        if (!_isStuck && manager.WatchdogInterval is not null)
        {
            manager.Alive();
        }

        string status = Status();
        if (!status.Equals(_status, StringComparison.Ordinal))
        {
            _status = status;
            manager.Status(status);
        }
    }

    private string Status() => state.Troubles() is [_, ..] troubles ? string.Join(' ', troubles) : AllIsWell;

    [LoggerMessage(Level = LogLevel.Error, Message = "This process is stuck: {Loops}")]
    private partial void LogStuck(string loops);
}
