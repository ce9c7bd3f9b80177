using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>What a collector reads on a real host: counters that have grown and readings that have moved since the last time.</summary>
internal interface ISimulatedSource
{
    /// <summary>Goes on by the time that has passed, and adds the points in the order in which the collector does.</summary>
    void Read(in HostMoment moment, Scrape scrape);

    /// <summary>The host starts again: every counter is 0.</summary>
    void Restart(SeededRandom random);

    /// <summary>Whether its series come and go; the others have the same ones at every reading, but for rates at the first.</summary>
    bool IsChanging => false;
}
