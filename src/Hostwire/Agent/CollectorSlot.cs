using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Agent;

/// <summary>A collector as the runner keeps it: the scrape that it alone fills, and how it fared.</summary>
/// <param name="name">The collector's name in settings and logs.</param>
/// <param name="collector">The collector.</param>
internal sealed class CollectorSlot(string name, ICollector collector)
{
    /// <summary>The collector's name in settings and logs.</summary>
    public string Name { get; } = name;

    /// <summary>The collector; called by one thread at a time.</summary>
    public ICollector Collector { get; } = collector;

    /// <summary>What it read last; of its own, so that one that fails half-way, or answers too late, leaves nothing in the common scrape.</summary>
    public Scrape Points { get; } = new();

    /// <summary>A call has run over its time and not come back: the collector is not called again before it has.</summary>
    public bool IsStuck { get; set; }

    /// <summary>How many calls in a row have failed; 0 when the last one went well.</summary>
    public long FailuresInRow { get; set; }

    /// <summary>What the last reading that went well had to leave out, as it was logged; null when nothing.</summary>
    public string? LeftOut { get; set; }
}
