using Hostwire.Collectors;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Exec;
using Hostwire.Metrics;
using Hostwire.Monitoring;
using Hostwire.Otlp;
using Microsoft.Extensions.Logging;

namespace Hostwire.Agent;

/// <summary>All that samples, as the settings say now: the collectors' loop and the commands' loops, whose scrapes go into the queue as records.</summary>
/// <remarks>Other settings are taken over between two passes: no tick is left out for it, and none is taken twice.</remarks>
internal sealed class AgentSampling : IDisposable
{
    private readonly IRecordQueue _queue;
    private readonly IReadOnlyList<BoundMetric> _self;
    private readonly AgentCounters _counters;
    private readonly ServiceState _state;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly CollectorRunner _runner;
    private readonly ExecSampler _commands;
    private readonly ResidentMemory _memory = new();

    // The collectors' thread and the commands' threads take turns.
    private readonly Lock _gate = new();
    private SamplingPlan _plan;
    private OtlpEncoder _encoder;
    private CancellationTokenSource _round;
    private Task _collecting = Task.CompletedTask;
    private Task _running = Task.CompletedTask;

    /// <summary>Makes it; <see cref="Start"/> starts it.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="queue">Where the records go.</param>
    /// <param name="self">What the agent knows of itself.</param>
    /// <param name="counters">What it has done.</param>
    /// <param name="state">How it is doing.</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Ends it.</param>
    /// <exception cref="UserException">The settings cannot be used.</exception>
    public AgentSampling(
        HostwireOptions options, IRecordQueue queue, IReadOnlyList<BoundMetric> self, AgentCounters counters, ServiceState state, ILogger logger, TimeProvider time, CancellationToken stopping)
    {
        (_queue, _self, _counters, _state, _time, _stopping) = (queue, self, counters, state, time, stopping);
        HostIdentity host = HostIdentityReader.Read(options.Agent);
        _plan = new SamplingPlan(options, host, CollectorPlan.Make(CollectorCatalogue.All, options.Agent, host, self, mayBeEmpty: options.Exec.Count > 0));
        _encoder = NewEncoder(options.Agent, host, time);
        _runner = new CollectorRunner(TimeSpan.FromSeconds(options.Agent.CollectorTimeoutSeconds), new ScrapeClock(time), counters, logger, time);
        _commands = new ExecSampler(options.Exec, counters, logger, time);
        _round = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    }

    /// <summary>What is sampled now.</summary>
    public SamplingPlan Plan => _plan;

    /// <summary>Completes when it has ended, which it does by a fault of ours or because it was told to stop.</summary>
    public Task Ended => _plan.Options.Exec.Count > 0 ? Task.WhenAny(_collecting, _running) : _collecting;

    /// <summary>The encoder of a host's records.</summary>
    public static OtlpEncoder NewEncoder(AgentOptions options, HostIdentity host, TimeProvider time) =>
        new(host, HostIdentityReader.ReadStartTimeUnixNano(new HostPaths(options.Procfs), time), ProductVersion.Number);

    /// <summary>Starts sampling.</summary>
    public void Start()
    {
        _collecting = new Sampler(_plan.Groups, _runner, _counters, _state, _time).RunAsync(Take, _round.Token);
        _running = _commands.RunAsync(CollectorPlan.PhaseOf(_plan.Options.Agent, _plan.Host), Take, _round.Token, _stopping);
    }

    /// <summary>What would be sampled with other settings.</summary>
    /// <exception cref="UserException">They cannot be used.</exception>
    public SamplingPlan PlanFor(HostwireOptions options)
    {
        HostIdentity host = HostIdentityReader.Read(options.Agent);
        return new SamplingPlan(options, host, CollectorPlan.Remake(
            _plan.Groups, _plan.Options.Agent, CollectorCatalogue.All, options.Agent, host, _self, mayBeEmpty: options.Exec.Count > 0, _time.GetUtcNow()));
    }

    /// <summary>Samples by another plan from now on.</summary>
    public async Task ChangeAsync(SamplingPlan plan)
    {
        await _round.CancelAsync();
        await _collecting;
        Task leaving = _running;
        _runner.Limit(TimeSpan.FromSeconds(plan.Options.Agent.CollectorTimeoutSeconds));
        await PrimeAsync(plan);
        _commands.Change(plan.Options.Exec);
        lock (_gate)
        {
            _encoder = NewEncoder(plan.Options.Agent, plan.Host, _time);
        }

        _plan = plan;
        _counters.KeepCollectors(plan.Groups.SelectMany(group => group.Slots).Select(slot => slot.Name).Concat(_commands.Names).ToHashSet(StringComparer.Ordinal));
        _round.Dispose();
        _round = CancellationTokenSource.CreateLinkedTokenSource(_stopping);
        Start();
        _running = Task.WhenAll(leaving, _running);
    }

    /// <summary>Waits until it has ended after it was told to stop.</summary>
    public Task EndAsync() => Task.WhenAll(_collecting, _running);

    /// <inheritdoc/>
    public void Dispose()
    {
        _round.Dispose();
        _runner.Dispose();
    }

    /// <summary>Collectors that are new have their first reading, which has no rates, outside of any scrape.</summary>
    private async Task PrimeAsync(SamplingPlan plan)
    {
        CollectorSlot[] known = [.. _plan.Groups.SelectMany(group => group.Slots)];
        CollectorGroup[] added = [.. plan.Groups.Select(group => group with { Slots = [.. group.Slots.Except(known)] }).Where(group => group.Slots.Length > 0)];
        if (added.Length > 0)
        {
            await _runner.RunAsync(added, new Scrape());
        }
    }

    private void Take(Scrape scrape)
    {
        lock (_gate)
        {
            _queue.Add(_encoder.Encode(scrape.Points).Span);
            _state.Start();
            _memory.Look();
        }
    }
}
