namespace Hostwire.Simulation.Hosts;

/// <summary>Which set of series a group of a scrape has. Hosts of one shape have the same for each, unless their series come and go.</summary>
internal enum FrameKind
{
    /// <summary>What is read at every scrape.</summary>
    Fast,

    /// <summary>The same at the first reading after a start: there are no rates yet.</summary>
    FastFirst,

    /// <summary>What is read at every third scrape.</summary>
    Slow,
}
