using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>Reads one subject of the host: cpu, memory, network. Made once, then called again and again by one thread at a time.</summary>
public interface ICollector
{
    /// <summary>Reads the source and adds what it says to the scrape's current group. Allocates nothing once every device has been seen.</summary>
    /// <remarks>
    /// Adds only what was read: a source that this host does not have (no swap, no cpufreq) yields no points and is no error, and the first
    /// reading of a rate yields none. The caller takes back what was added when this throws, and goes on with the other collectors.
    /// </remarks>
    /// <exception cref="IOException">The source could not be read; the message names the path.</exception>
    /// <exception cref="InvalidDataException">The source did not have the form expected; the message names the path.</exception>
    void Collect(Scrape scrape);

    /// <summary>What the last reading had to leave out although the rest went well, in words for people, e.g. a mount that may not be read; null when nothing.</summary>
    string? LeftOut => null;
}
