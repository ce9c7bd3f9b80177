using System.Globalization;

namespace Hostwire.EndToEnd;

/// <summary>What the kernel says of a process.</summary>
internal static class ProcessFigures
{
    // The kernel's clock ticks a second, in which /proc counts; the same on every Linux of our platforms.
    private const double TicksPerSecond = 100;

    /// <summary>CPU time so far, user's and kernel's, of all its threads, in seconds.</summary>
    public static double CpuSeconds(int process)
    {
        string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
        // After the name, which may hold anything: state is the first field, utime the 12th, stime the 13th.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>The most memory that was ever resident, in MiB (<c>VmHWM</c>).</summary>
    public static double PeakMebibytes(int process) => Status(process, "VmHWM:") / 1024;

    /// <summary>Memory that is resident now, in MiB (<c>VmRSS</c>).</summary>
    public static double ResidentMebibytes(int process) => Status(process, "VmRSS:") / 1024;

    private static double Status(int process, string name)
    {
        string line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status")).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture);
    }
}
