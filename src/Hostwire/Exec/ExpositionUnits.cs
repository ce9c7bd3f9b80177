using System.Text;

namespace Hostwire.Exec;

/// <summary>Units as OpenMetrics writes them, in the letters of UCUM that all other metrics here have.</summary>
internal static class ExpositionUnits
{
    private static readonly (string Name, string Ucum)[] Known =
    [
        ("seconds", "s"), ("milliseconds", "ms"), ("microseconds", "us"), ("nanoseconds", "ns"), ("minutes", "min"), ("hours", "h"), ("days", "d"),
        ("bytes", "By"), ("kilobytes", "kBy"), ("megabytes", "MBy"), ("gigabytes", "GBy"), ("kibibytes", "KiBy"), ("mebibytes", "MiBy"), ("gibibytes", "GiBy"),
        ("ratio", "1"), ("percent", "%"), ("celsius", "Cel"), ("hertz", "Hz"), ("volts", "V"), ("amperes", "A"), ("joules", "J"), ("watts", "W"), ("meters", "m"), ("grams", "g"),
    ];

    /// <summary><c>seconds</c> is <c>s</c>, <c>bytes</c> is <c>By</c>; what is not known stays as it is.</summary>
    public static string ToUcum(ReadOnlySpan<byte> unit)
    {
        string name = Encoding.UTF8.GetString(unit);
        return Array.Find(Known, known => string.Equals(known.Name, name, StringComparison.Ordinal)).Ucum ?? name;
    }
}
