using Hostwire.Agent;
using Hostwire.Configuration;
using Hostwire.Metrics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Exec;

/// <summary>Runs the user's commands, each at its own interval and whatever the others and the collectors do; each run that goes well is a scrape of its own.</summary>
/// <remarks>So one that is slow or fails changes neither the time nor the series of anything else. A run's time is the moment in which it ended.</remarks>
internal sealed partial class ExecSampler(IReadOnlyList<ExecOptions> commands, AgentCounters counters, ILogger logger, TimeProvider time)
{
    private readonly ExecSlot[] _slots = [.. commands.Select(command => new ExecSlot(command, counters, time))];
    private readonly ScrapeClock _clock = new(time);
    private readonly Lock _gate = new();

    /// <summary>Runs them at their ticks until told to stop; what runs then is killed.</summary>
    /// <param name="phase">Where in their intervals they run.</param>
    /// <param name="take">Is given each scrape; called by several threads, one at a time; the scrape is valid until the call returns.</param>
    /// <param name="stopping">Ends it.</param>
    public Task RunAsync(TimeSpan phase, Action<Scrape> take, CancellationToken stopping) =>
        Task.WhenAll(_slots.Select(slot => Task.Run(() => RunAsync(slot, phase, take, stopping), CancellationToken.None)));

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

    private async Task RunAsync(ExecSlot slot, TimeSpan phase, Action<Scrape> take, CancellationToken stopping)
    {
        var ticks = new TickGrid(TimeSpan.FromSeconds(slot.Options.IntervalSeconds), phase);
        var scrape = new Scrape();
        while (!stopping.IsCancellationRequested)
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
            await Task.Delay(wait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
