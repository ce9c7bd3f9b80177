namespace Hostwire.Simulation.Hosts;

/// <summary>Random numbers that are the same for one seed on every machine and with every version of .NET: SplitMix64.</summary>
/// <remarks>All arithmetic on the results keeps to what IEEE 754 fixes to the bit (no sine, no logarithm), or fleets would differ between machines.</remarks>
internal sealed class SeededRandom(ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15;
    private const double UnitOfBits = 1.0 / (1UL << 53);

    private ulong _state = seed;

    /// <summary>The seed of a part of something seeded: neighbouring parts have nothing in common.</summary>
    public static ulong SeedOf(ulong seed, ulong part) => Mix(Mix(seed + Step) ^ (part * Step));

    /// <summary>64 bits.</summary>
    public ulong Bits() => Mix(_state += Step);

    /// <summary>From 0 up to, but not including, 1.</summary>
    public double Unit() => (Bits() >> 11) * UnitOfBits;

    /// <summary>From <paramref name="low"/> up to <paramref name="high"/>.</summary>
    public double Between(double low, double high) => low + ((high - low) * Unit());

    /// <summary>From -1 to 1, around 0 more often than far from it.</summary>
    public double Swing() => Unit() - Unit();

    /// <summary>A whole number from 0 up to, but not including, <paramref name="end"/>.</summary>
    public int Below(int end) => (int)(((Bits() >> 32) * (ulong)end) >> 32);

    /// <summary>Whether something of this probability happens.</summary>
    public bool Chance(double probability) => Unit() < probability;

    /// <summary>A whole number whose mean is <paramref name="mean"/>: how often something happened, 0 or more.</summary>
    public long Count(double mean) => (long)(Math.Max(0, mean) + Unit());

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
