using System.Collections.Concurrent;
using System.Diagnostics;

namespace Hostwire.Up;

/// <summary>
/// Starts child processes that end when this process does, however it ends. <c>setpriv --pdeathsig</c> asks the kernel for a signal at the death of the
/// parent, and to the kernel that is the thread that forked: one of the thread pool may go at any moment, so all children come from one that stays.
/// </summary>
internal sealed class ChildStarter
{
    private readonly BlockingCollection<Action> _requests = [];

    public ChildStarter() => new Thread(() =>
    {
        foreach (Action request in _requests.GetConsumingEnumerable())
        {
            request();
        }
    })
    {
        IsBackground = true,
        Name = "child starter",
    }.Start();

    /// <summary>Starts it. Its streams are the caller's affair.</summary>
    public Task<Process> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
#pragma warning disable CA1031 // Whatever it is, it belongs to the caller who waits; the thread has to live on.
            catch (Exception error)
#pragma warning restore CA1031
            {
                started.SetException(error);
            }
        });
        return started.Task;
    }
}
