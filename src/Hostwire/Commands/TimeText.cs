using System.Globalization;
using Hostwire.Diagnostics;

namespace Hostwire.Commands;

/// <summary>Stretches of time as people write them on a command line: <c>90s</c>, <c>30m</c>, <c>36h</c>, <c>7d</c>, <c>forever</c>.</summary>
internal static class TimeText
{
    private const string Forever = "forever";

    /// <summary>Reads one; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</summary>
    /// <exception cref="UserException">It is none.</exception>
    public static TimeSpan Parse(string option, string text)
    {
        if (text is Forever)
        {
            return Timeout.InfiniteTimeSpan;
        }

        TimeSpan unit = text.AsSpan()[^Math.Min(1, text.Length)..] switch
        {
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "d" => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        return unit > TimeSpan.Zero && int.TryParse(text.AsSpan()[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 && count <= TimeSpan.MaxValue / unit
            ? count * unit
            : throw new UserException($"{option} {text} is no stretch of time: write it like 36h or 7d, or {Forever}.", ExitCode.Usage);
    }

    /// <summary>Writes milliseconds, as Kafka has them, for people: <c>7 d</c>, <c>36 h</c>, <c>for ever</c>; exact, in the largest unit that is.</summary>
    public static string OfMilliseconds(long milliseconds)
    {
        (long Length, string Name)[] units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s"), (1, "ms")];
        if (milliseconds < 0)
        {
            return "for ever";
        }

        (long length, string name) = units.First(unit => milliseconds % unit.Length == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / length} {name}");
    }
}
