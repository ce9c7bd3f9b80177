using System.Collections.Concurrent;
using System.Diagnostics;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>Starts every child of the test run from one thread that never ends.</summary>
/// <remarks>
/// <c>setpriv --pdeathsig</c> has the kernel kill a child when its parent dies, and to the kernel the parent is the thread that forked, not the process.
/// Started from a thread pool's thread, a server would be killed in the middle of the tests, whenever the pool lets that thread go.
/// </remarks>
internal static class ProcessStarter
{
    private static BlockingCollection<Action> Requests { get; } = [];

    private static Lazy<Thread> Worker { get; } = new(() =>
    {
        var thread = new Thread(() =>
        {
            foreach (Action request in Requests.GetConsumingEnumerable())
            {
                request();
            }
        })
        { IsBackground = true, Name = "process starter" };
        thread.Start();
        return thread;
    });

    /// <summary>Starts the process; it dies with the test process, however that ends.</summary>
    public static Task<Process> StartAsync(ProcessStartInfo start)
    {
        _ = Worker.Value;
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Requests.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
#pragma warning disable CA1031 // Whatever it is, the caller who waits for the process gets it.
            catch (Exception error)
#pragma warning restore CA1031
            {
                started.SetException(error);
            }
        });
        return started.Task;
    }
}
