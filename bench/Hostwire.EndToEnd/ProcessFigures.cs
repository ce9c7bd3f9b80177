using System.Globalization;
using System.Runtime.InteropServices;

namespace Hostwire.EndToEnd;

/// <summary>What the kernel says of a process.</summary>
internal static partial class ProcessFigures
{
    /// <summary>CPU time so far, user's and kernel's, of all its threads, those that have ended too, in seconds; counted in nanoseconds.</summary>
    public static double CpuSeconds(int process) =>
        GetCpuClock(process, out int clock) == 0 && GetTime(clock, out TimeSpec time) == 0
            ? time.Seconds + (time.Nanoseconds / 1e9)
            : throw new BenchFailedException($"the CPU time of process {process} cannot be read");

    /// <summary>The same of all processes that this one has started and that still run.</summary>
    public static double ChildrenCpuSeconds(int process)
    {
        string wanted = string.Create(CultureInfo.InvariantCulture, $"PPid:\t{process}");
        return Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _) && IsChild(folder, wanted))
            .Sum(folder => CpuSeconds(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)));
    }

    /// <summary>The most memory that was ever resident, in MiB (<c>VmHWM</c>).</summary>
    public static double PeakMebibytes(int process) => Status(process, "VmHWM:") / 1024;

    /// <summary>Memory that is resident now, in MiB (<c>VmRSS</c>).</summary>
    public static double ResidentMebibytes(int process) => Status(process, "VmRSS:") / 1024;

    private static bool IsChild(string folder, string wanted)
    {
        try
        {
            return File.ReadLines(Path.Combine(folder, "status")).Contains(wanted, StringComparer.Ordinal);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
    }

    private static double Status(int process, string name)
    {
        string line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status")).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "clock_getcpuclockid")]
    private static partial int GetCpuClock(int process, out int clock);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
