namespace Hostwire.Collectors;

/// <summary>The share that one number of bytes is of another, as OpenTelemetry's host metrics receiver rounds it.</summary>
internal static class Ratio
{
    /// <summary><paramref name="part"/> divided by <paramref name="whole"/>, rounded to as many decimals as the larger of the two has digits: for 24 GiB, eleven.</summary>
    /// <param name="part">Bytes; not negative.</param>
    /// <param name="whole">Bytes; more than 0.</param>
    public static double Of(long part, long whole)
    {
        double scale = 1;
        for (long rest = Math.Max(part, whole); rest > 0; rest /= 10)
        {
            scale *= 10;
        }

        return Math.Round((double)part / whole * scale, MidpointRounding.AwayFromZero) / scale;
    }
}
