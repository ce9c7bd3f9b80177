using Hostwire.Metrics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Agent;

/// <summary>Runs the collectors that are due, one after another on a thread of its own, into one scrape.</summary>
/// <remarks>
/// A collector that throws is left out of the scrape whole. One that hangs, on a dead NFS mount for instance, cannot be stopped, so it is
/// abandoned: the thread stays with it and another goes on with the collectors after it. It is not called again before the call has come
/// back, and what it then brings is thrown away. Failures are logged when they begin and when they end, and counted every time.
/// </remarks>
internal sealed partial class CollectorRunner : IDisposable
{
    private readonly ScrapeClock _clock;
    private readonly AgentCounters _counters;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ITimer _watchdog;

    // Guards all that follows; held for moments only, never while a collector runs.
    private readonly object _gate = new();
    private readonly List<(CollectorSlot Slot, bool StartsGroup)> _steps = [];
    private TimeSpan _timeout;
    private int _step;
    private Scrape? _scrape;
    private long _groupTimeUnixNano;
    private TaskCompletionSource? _passDone;
    private CollectorSlot? _running;
    private long _runningSince;
    private int _worker;
    private bool _disposed;

    public CollectorRunner(TimeSpan timeout, ScrapeClock clock, AgentCounters counters, ILogger logger, TimeProvider time)
    {
        _timeout = timeout;
        _clock = clock;
        _counters = counters;
        _logger = logger;
        _time = time;
        _watchdog = time.CreateTimer(_ => AbandonIfHanging(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        StartWorker();
    }

    /// <summary>From now on a collector may take this long.</summary>
    public void Limit(TimeSpan timeout)
    {
        lock (_gate)
        {
            _timeout = timeout;
        }
    }

    /// <summary>How long a pass over all of these may take.</summary>
    public TimeSpan PassMax(IEnumerable<CollectorGroup> groups) => _timeout * groups.Sum(group => group.Slots.Length);

    /// <summary>Runs the collectors of these groups and adds what they yield to the scrape. One pass at a time; ends after the sum of the collectors' timeouts at the latest.</summary>
    /// <param name="due">The groups, in the order in which they are to be read.</param>
    /// <param name="scrape">Empty; must not be touched before the pass has ended.</param>
    public Task RunAsync(IEnumerable<CollectorGroup> due, Scrape scrape)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _steps.Clear();
            foreach (CollectorGroup group in due)
            {
                for (int i = 0; i < group.Slots.Length; i++)
                {
                    _steps.Add((group.Slots[i], StartsGroup: i == 0));
                }
            }

            _step = 0;
            _groupTimeUnixNano = 0;
            _scrape = scrape;
            _passDone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Monitor.PulseAll(_gate);
            return _passDone.Task;
        }
    }

    /// <summary>Ends the worker. A thread that a collector keeps for itself is a background thread and ends with the process.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Monitor.PulseAll(_gate);
        }

        _watchdog.Dispose();
    }

    private void StartWorker()
    {
        int worker = _worker;
        new Thread(() => Work(worker)) { IsBackground = true, Name = "collectors" }.Start();
    }

    private void Work(int worker)
    {
        while (TakeStep() is { } slot)
        {
            Exception? failure = Collect(slot);
            if (!FinishStep(worker, slot, failure))
            {
                return;
            }
        }
    }

    /// <summary>The next collector to call, waiting for the next pass where this one is done; null when there will be none.</summary>
    private CollectorSlot? TakeStep()
    {
        lock (_gate)
        {
            while (!_disposed)
            {
                while (_step < _steps.Count)
                {
                    (CollectorSlot slot, bool startsGroup) = _steps[_step++];
                    if (startsGroup)
                    {
                        _groupTimeUnixNano = _clock.Take(_groupTimeUnixNano);
                        _scrape!.BeginGroup(_groupTimeUnixNano);
                    }

                    if (slot.IsStuck)
                    {
                        _counters.CountCollectorTimeout();
                        _counters.Collector(slot.Name).Set(_timeout, worked: false);
                        continue;
                    }

                    _running = slot;
                    _runningSince = _time.GetTimestamp();
                    _watchdog.Change(_timeout, Timeout.InfiniteTimeSpan);
                    return slot;
                }

                _passDone?.TrySetResult();
                _passDone = null;
                Monitor.Wait(_gate);
            }

            _passDone?.TrySetResult();
            return null;
        }
    }

    private static Exception? Collect(CollectorSlot slot)
    {
        try
        {
            slot.Points.Clear();
            slot.Collector.Collect(slot.Points);
            return null;
        }
        catch (Exception error)
        {
            // Whatever it is, even a fault of the collector's code: the other collectors go on. It is logged and counted by the caller.
            return error;
        }
    }

    /// <summary>Takes over what the collector read; false when this thread was replaced while it was away and has to end.</summary>
    private bool FinishStep(int worker, CollectorSlot slot, Exception? failure)
    {
        lock (_gate)
        {
            if (worker != _worker)
            {
                slot.IsStuck = false;
                LogReturned(slot.Name);
                return false;
            }

            _running = null;
            _watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _counters.Collector(slot.Name).Set(_time.GetElapsedTime(_runningSince), worked: failure is null);
            if (failure is null)
            {
                _scrape!.AddAll(slot.Points);
                ReportSuccess(slot);
            }
            else
            {
                ReportFailure(slot, failure);
            }

            return true;
        }
    }

    private void AbandonIfHanging()
    {
        lock (_gate)
        {
            if (_running is not { } slot)
            {
                return;
            }

            // The timer may be that of the collector before this one, or a little early.
            TimeSpan left = _timeout - _time.GetElapsedTime(_runningSince);
            if (left > TimeSpan.Zero)
            {
                _watchdog.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            slot.IsStuck = true;
            slot.FailuresInRow++;
            _running = null;
            _worker++;
            StartWorker();
            _counters.CountCollectorTimeout();
            _counters.Collector(slot.Name).Set(_timeout, worked: false);
            LogHangs(slot.Name, _timeout.TotalSeconds);
        }
    }

    private void ReportSuccess(CollectorSlot slot)
    {
        if (slot.FailuresInRow > 0)
        {
            LogRecovered(slot.Name, slot.FailuresInRow);
            slot.FailuresInRow = 0;
        }

        string? leftOut = slot.Collector.LeftOut;
        if (string.Equals(leftOut, slot.LeftOut, StringComparison.Ordinal))
        {
            return;
        }

        slot.LeftOut = leftOut;
        if (leftOut is null)
        {
            LogComplete(slot.Name);
        }
        else
        {
            LogLeftOut(slot.Name, leftOut);
        }
    }

    private void ReportFailure(CollectorSlot slot, Exception failure)
    {
        _counters.CountCollectorFailure();
        if (++slot.FailuresInRow > 1)
        {
            return;
        }

        if (failure is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            LogFailed(slot.Name, failure.Message);
        }
        else
        {
            LogBroken(failure, slot.Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Collector {Collector} failed and is left out until it works again: {Reason}")]
    private partial void LogFailed(string collector, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Collector {Collector} failed by a fault of its own and is left out until it works again; please report this")]
    private partial void LogBroken(Exception failure, string collector);

    [LoggerMessage(Level = LogLevel.Error, Message = "Collector {Collector} has not answered within {TimeoutSeconds} s (agent.collector_timeout_seconds) and is left out until it does; the others go on")]
    private partial void LogHangs(string collector, double timeoutSeconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Collector {Collector} has come back from a call that hung and will be read again")]
    private partial void LogReturned(string collector);

    [LoggerMessage(Level = LogLevel.Information, Message = "Collector {Collector} works again (failed readings in a row: {Failures})")]
    private partial void LogRecovered(string collector, long failures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Collector {Collector} leaves something out, and reads the rest: {Reason}")]
    private partial void LogLeftOut(string collector, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Collector {Collector} reads everything again")]
    private partial void LogComplete(string collector);
}
