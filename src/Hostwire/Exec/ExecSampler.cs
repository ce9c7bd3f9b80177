using Hostwire.Agent;
using Hostwire.Configuration;
using Hostwire.Metrics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Exec;

/// <summary>Runs the user's commands, each at its own interval and whatever the others and the collectors do; each run that goes well is a scrape of its own.</summary>
/// <remarks>So one that is slow or fails changes neither the time nor the series of anything else. A run's time is the moment in which it ended.</remarks>
internal sealed partial class ExecSampler(IReadOnlyList<ExecOptions> commands, AgentCounters counters, ILogger logger, TimeProvider time)
{
    private readonly ScrapeClock _clock = new(time);
    private readonly Lock _gate = new();
    private ExecSlot[] _slots = [.. commands.Select(command => new ExecSlot(command, counters, time))];

    /// <summary>The names under which the commands' figures are kept.</summary>
    public IEnumerable<string> Names => _slots.Select(slot => slot.Figures.Name);

    /// <summary>Runs them at their ticks until told to finish; what runs then is waited for, or killed once told to stop.</summary>
    /// <param name="phase">Where in their intervals they run.</param>
    /// <param name="take">Is given each scrape; called by several threads, one at a time; the scrape is valid until the call returns.</param>
    /// <param name="finishing">Ends it after the runs in progress; cancelled also when <paramref name="stopping"/> is.</param>
    /// <param name="stopping">Ends it.</param>
    public Task RunAsync(TimeSpan phase, Action<Scrape> take, CancellationToken finishing, CancellationToken stopping)
    {
        foreach (ExecSlot slot in _slots)
        {
            Task before = slot.Loop;
            slot.Loop = Task.Run(
                async () =>
                {
                    await before;
                    await RunAsync(slot, phase, take, finishing, stopping);
                },
                CancellationToken.None);
        }

        return Task.WhenAll(_slots.Select(slot => slot.Loop));
    }

    /// <summary>
    /// Makes these the commands of the next <see cref="RunAsync(TimeSpan, Action{Scrape}, CancellationToken, CancellationToken)"/>. One that is the same goes on as if nothing had been; one that
    /// is run in another way begins when the run in progress has ended.
    /// </summary>
    public void Change(IReadOnlyList<ExecOptions> commands) => _slots =
    [
        .. commands.Select(command => Array.Find(_slots, slot => slot.Options.Name.Equals(command.Name, StringComparison.Ordinal)) is not { } before
            ? new ExecSlot(command, counters, time)
            : before.Options.IsSame(command) ? before : new ExecSlot(command, counters, time) { Ticks = before.Ticks, Loop = before.Loop }),
    ];

    /// <summary>Runs each of them once, all at the same time, and adds what they print to a scrape.</summary>
    public async Task AddOnceAsync(Scrape scrape, CancellationToken stopping)
    {
        await Task.WhenAll(_slots.Select(slot => TryRunAsync(slot, stopping)));
        foreach (ExecSlot slot in _slots.Where(slot => slot.Points.Count > 0))
        {
            scrape.BeginGroup(_clock.Take(scrape.Count == 0 ? 0 : scrape.Points[^1].TimeUnixNano));
            scrape.AddAll(slot.Points);
        }
    }

    private async Task RunAsync(ExecSlot slot, TimeSpan phase, Action<Scrape> take, CancellationToken finishing, CancellationToken stopping)
    {
        TimeSpan interval = TimeSpan.FromSeconds(slot.Options.IntervalSeconds);
        TickGrid ticks = slot.Ticks is { } known && known.Is(interval, phase) ? known : new TickGrid(interval, phase);
        slot.Ticks = ticks;
        var scrape = new Scrape();
        while (!finishing.IsCancellationRequested)
        {
            if (ticks.TryTake(time.GetUtcNow()) && await TryRunAsync(slot, stopping))
            {
                lock (_gate)
                {
                    scrape.Clear();
                    scrape.BeginGroup(_clock.Take(0));
                    scrape.AddAll(slot.Points);
                    counters.CountScrape(scrape.Count);
                    take(scrape);
                }
            }

            TimeSpan wait = TimeSpan.FromMilliseconds(Math.Ceiling(ticks.UntilNext(time.GetUtcNow()).TotalMilliseconds));
            await Task.Delay(wait, time, finishing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Runs it once; false where that brought nothing.</summary>
    private async Task<bool> TryRunAsync(ExecSlot slot, CancellationToken stopping)
    {
        slot.Points.Clear();
        long start = time.GetTimestamp();
        ExecResult result;
        try
        {
            result = await slot.Command.RunAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
#pragma warning disable CA1031 // Whatever it is, even a fault of ours: the other commands go on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            result = new ExecResult(default, $"failed by a fault of Hostwire's own, please report it: {error.GetType().Name}: {error.Message}");
        }

        slot.Figures.Set(time.GetElapsedTime(start), worked: result.Failure is null);
        if (result.Failure is { } failure)
        {
            ReportFailure(slot, failure, result.IsTimeout);
            return false;
        }

        slot.Points.BeginGroup(1);
        ExecReading reading = slot.Series.Read(result.Output.Span, slot.Points);
        ReportSuccess(slot, reading);
        return reading.Points > 0;
    }

    private void ReportFailure(ExecSlot slot, string failure, bool isTimeout)
    {
        if (isTimeout)
        {
            counters.CountCollectorTimeout();
        }
        else
        {
            counters.CountCollectorFailure();
        }

        if (slot.FailuresInRow++ == 0)
        {
            LogFailed(slot.Options.Name, $"{failure.TrimEnd('.')}.");
        }
    }

    private void ReportSuccess(ExecSlot slot, ExecReading reading)
    {
        if (slot.FailuresInRow > 0)
        {
            LogRecovered(slot.Options.Name, slot.FailuresInRow);
            slot.FailuresInRow = 0;
        }

        counters.CountExecBadLines(reading.BadLines);
        if (reading.BadLines > 0 && !slot.HasBadLines)
        {
            LogBadLines(slot.Options.Name, reading.BadLines, $"{reading.FirstBad}.");
        }
        else if (reading.BadLines == 0 && slot.HasBadLines)
        {
            LogNoBadLines(slot.Options.Name);
        }

        if (reading.SeriesLeftOut > 0 && !slot.HasTooManySeries)
        {
            LogTooManySeries(slot.Options.Name, slot.Options.MaxSeries, reading.SeriesLeftOut);
        }

        (slot.HasBadLines, slot.HasTooManySeries) = (reading.BadLines > 0, reading.SeriesLeftOut > 0);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Command {Command} {Failure} It is left out until it works again")]
    private partial void LogFailed(string command, string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "Command {Command} works again (failed runs in a row: {Failures})")]
    private partial void LogRecovered(string command, long failures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Command {Command} prints lines that are left out (now {BadLines}), and the others are sent: {First}")]
    private partial void LogBadLines(string command, int badLines, string first);

    [LoggerMessage(Level = LogLevel.Information, Message = "Command {Command} prints only lines that are understood")]
    private partial void LogNoBadLines(string command);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Command {Command} prints more than {SeriesMax} series (max_series); what is beyond is left out (now {LeftOut})")]
    private partial void LogTooManySeries(string command, int seriesMax, int leftOut);
}
