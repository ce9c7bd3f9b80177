using System.Runtime.InteropServices;

namespace Hostwire.Diagnostics;

/// <summary>
/// Turns SIGTERM and SIGINT into a request to stop. A second Ctrl-C ends the process at once, for people who do not want to wait; a second SIGTERM does not, since
/// service managers send several and have SIGKILL for when they lose patience.
/// </summary>
public sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;

    /// <summary>Takes the signals over.</summary>
    public StopSignals()
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    }

    /// <summary>Cancelled when the process is to stop.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
        _stopping.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        // What is not cancelled here takes its course: the process ends by the signal.
        signal.Cancel = signal.Signal == PosixSignal.SIGTERM || !_stopping.IsCancellationRequested;
        _stopping.Cancel();
    }
}
