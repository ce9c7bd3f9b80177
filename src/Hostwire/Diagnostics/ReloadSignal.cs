using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Hostwire.Diagnostics;

/// <summary>Turns SIGHUP, which would end the process, into a request to read the settings again. As long as this exists; two that come at once are one.</summary>
internal sealed class ReloadSignal : IDisposable
{
    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly PosixSignalRegistration _hangUp;

    /// <summary>Takes the signal over.</summary>
    public ReloadSignal() => _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        Ask();
    });

    /// <summary>As the signal does.</summary>
    public void Ask() => _asked.Writer.TryWrite(true);

    /// <summary>Waits until somebody asks; one who asked since the last wait counts.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _asked.Reader.ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _hangUp.Dispose();
}
