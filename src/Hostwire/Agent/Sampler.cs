using Hostwire.Metrics;
using Hostwire.Monitoring;

namespace Hostwire.Agent;

/// <summary>Waits for the ticks and takes a scrape at each: one pass over all collectors that are due at that moment.</summary>
internal sealed class Sampler(CollectorGroup[] groups, CollectorRunner runner, AgentCounters counters, ServiceState state, TimeProvider time)
{
    // A timer stands still while the machine is suspended and knows nothing of a clock that was set; so the clock is looked at now and then.
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    // What a round takes beyond its wait and its collectors' timeouts, on a machine that is short of everything.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    private readonly Scrape _scrape = new();
    private readonly List<CollectorGroup> _due = [];

    /// <summary>Samples until it is told to stop; a pass that has begun is finished.</summary>
    /// <param name="take">Is given each scrape that has points; it is valid until the call returns.</param>
    /// <param name="stopping">Ends the sampling.</param>
    public async Task RunAsync(Action<Scrape> take, CancellationToken stopping)
    {
        Pulse pulse = state.Begin("sampling", WaitMax + runner.PassMax(groups) + Slack);
        while (!stopping.IsCancellationRequested)
        {
            pulse.Beat();
            DateTimeOffset now = time.GetUtcNow();
            _due.Clear();
            foreach (CollectorGroup group in groups)
            {
                if (group.Ticks.TryTake(now))
                {
                    _due.Add(group);
                }
            }

            if (_due.Count > 0)
            {
                await TakeAsync(_due, take);
            }

            await WaitAsync(stopping);
        }

        state.Mend(this);
        pulse.Rest();
    }

    /// <summary>
    /// Takes one scrape of all collectors now, whether they are due or not; empty if none of them yields anything. A first reading has no rates (how busy
    /// a CPU or a disk is), so with a wait they are read twice, that long apart, and the second reading counts.
    /// </summary>
    public async Task<Scrape> TakeOneAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait > TimeSpan.Zero)
        {
            await runner.RunAsync(groups, _scrape);
            await Task.Delay(wait, time, cancellationToken);
        }

        await TakeAsync(groups, _ => { });
        return _scrape;
    }

    private async Task TakeAsync(IReadOnlyList<CollectorGroup> due, Action<Scrape> take)
    {
        _scrape.Clear();
        await runner.RunAsync(due, _scrape);
        if (_scrape.Count > 0)
        {
            state.Mend(this);
            counters.CountScrape(_scrape.Count);
            take(_scrape);
        }
        else
        {
            state.Trouble(this, "No collector has read anything the last time they were due: the log says why.");
        }
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan wait = WaitMax;
        foreach (CollectorGroup group in groups)
        {
            TimeSpan left = group.Ticks.UntilNext(now);
            wait = left < wait ? left : wait;
        }

        // Timers count whole milliseconds; rounded down, the last fraction of one would be a busy loop.
        wait = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        await Task.Delay(wait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
