using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>Adds the kernel's unsigned 64-bit counters to a scrape, whose whole numbers are signed as OTLP's are.</summary>
internal static class KernelCounter
{
    /// <summary>Adds <paramref name="value"/> times <paramref name="unit"/>; leaves it out where it passes 2^63.</summary>
    /// <remarks>No honest counter gets there; drivers that mean "unknown" by -1 do, and a counter must not turn negative.</remarks>
    public static void AddCounter(this Scrape scrape, Series series, ulong value, ulong unit = 1)
    {
        if (value <= long.MaxValue / unit)
        {
            scrape.Add(series, (long)(value * unit));
        }
    }
}
