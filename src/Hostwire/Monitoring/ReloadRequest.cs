using Hostwire.Configuration;

namespace Hostwire.Monitoring;

/// <summary>Settings that a service is to go on with.</summary>
internal sealed class ReloadRequest(HostwireOptions options)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The settings.</summary>
    public HostwireOptions Options { get; } = options;

    /// <summary>Completes once they are in force; fails where they cannot be used, and then nothing has changed.</summary>
    public Task Completion => _done.Task;

    /// <summary>They are in force.</summary>
    public void Done() => _done.TrySetResult();

    /// <summary>They cannot be used.</summary>
    public void Refuse(Exception reason) => _done.TrySetException(reason);
}
