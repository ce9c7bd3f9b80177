using Hostwire.Agent;
using Hostwire.Configuration;
using Hostwire.Metrics;

namespace Hostwire.Exec;

/// <summary>A command as the sampler keeps it: the scrape that it alone fills, and how it fared.</summary>
internal sealed class ExecSlot(ExecOptions options, AgentCounters counters, TimeProvider time)
{
    /// <summary>Its settings.</summary>
    public ExecOptions Options { get; } = options;

    /// <summary>When it is due; null before it has run for the first time.</summary>
    public TickGrid? Ticks { get; set; }

    /// <summary>Its loop, also the one that is about to end; the next one begins when this has ended.</summary>
    public Task Loop { get; set; } = Task.CompletedTask;

    /// <summary>Runs it.</summary>
    public ExecCommand Command { get; } = new(options, time);

    /// <summary>Reads what it prints.</summary>
    public ExecSeries Series { get; } = new(options.MaxSeries, options.Attributes);

    /// <summary>How it fares, for the agent's metrics of itself.</summary>
    public CollectorFigures Figures { get; } = counters.Collector($"exec.{options.Name}");

    /// <summary>What it printed last.</summary>
    public Scrape Points { get; } = new();

    /// <summary>How many runs in a row have failed.</summary>
    public long FailuresInRow { get; set; }

    /// <summary>Whether the last run's output had lines that are not understood.</summary>
    public bool HasBadLines { get; set; }

    /// <summary>Whether the last run's output had more series than are taken.</summary>
    public bool HasTooManySeries { get; set; }
}
