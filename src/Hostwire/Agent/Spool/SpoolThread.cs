namespace Hostwire.Agent.Spool;

/// <summary>The thread that works on a spool's file. A thread of its own, since a disk may make it wait for as long as it likes.</summary>
internal sealed class SpoolThread : IDisposable
{
    // A disk that hangs must not keep the process; what it holds up is in the file, or lost with the memory.
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(2);

    private readonly SpoolQueue _queue;
    private readonly AutoResetEvent _work = new(initialState: false);
    private readonly Thread _thread;
    private volatile bool _isEnding;

    /// <summary>Starts the thread.</summary>
    public SpoolThread(SpoolQueue queue)
    {
        _queue = queue;
        _queue.WorkCame = () => _work.Set();
        _thread = new Thread(Run) { IsBackground = true, Name = "hostwire spool" };
        _thread.Start();
    }

    /// <summary>Writes what is left to write and closes the file.</summary>
    public void Dispose()
    {
        if (_isEnding)
        {
            return;
        }

        _isEnding = true;
        _work.Set();
        if (_thread.Join(EndMax))
        {
            _work.Dispose();
        }
    }

    private void Run()
    {
        while (!_isEnding)
        {
            _queue.Step();
            _work.WaitOne(_queue.UntilNextStep());
        }

        _queue.Dispose();
    }
}
