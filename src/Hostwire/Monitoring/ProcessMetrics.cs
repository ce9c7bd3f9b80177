using System.Globalization;
using Hostwire.Diagnostics;
using Hostwire.Metrics;

namespace Hostwire.Monitoring;

/// <summary>What every process is asked for: CPU, memory, files, threads, age, version. Names are OpenTelemetry's.</summary>
internal sealed class ProcessMetrics(TimeProvider time)
{
    private const string StatFile = "/proc/self/stat";
    private const string FilesFolder = "/proc/self/fd";

    // Fields of /proc/self/stat after the program's name, which may hold anything and ends at the last parenthesis: num_threads is the 20th, the name the 2nd.
    private const int ThreadsField = 17;

    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>All of them.</summary>
    public static SelfMetric<ProcessMetrics>[] All { get; } =
    [
        new(Define("process.cpu.time", MetricKind.Counter, "s", "CPU time that this process has used."), (_, to) => to.Add(Environment.CpuUsage.TotalTime.TotalSeconds)),
        new(Define("process.memory.usage", MetricKind.UpDown, "By", "Resident memory of this process."), (_, to) => to.Add(Environment.WorkingSet)),
        new(Define("dotnet.gc.heap.total_allocated", MetricKind.Counter, "By", "Managed memory that this process has asked for since it started."), (_, to) => to.Add(GC.GetTotalAllocatedBytes())),
        new(Define("process.thread.count", MetricKind.UpDown, "{threads}", "Threads of this process."), (_, to) => to.Add(Threads())),
        new(Define("process.open_file_descriptor.count", MetricKind.UpDown, "{file_descriptors}", "Files, sockets and the like that this process has open."),
            (_, to) => to.Add(Directory.EnumerateFileSystemEntries(FilesFolder).Count())),
        new(Define("process.uptime", MetricKind.Gauge, "s", "Time since this process started."), (process, to) => to.Add(process.Uptime.TotalSeconds)),
        new(Define("hostwire.build.info", MetricKind.Gauge, "{info}", "Always 1; the version is in the label.", "version"), (_, to) => to.Add(1, ProductVersion.Number)),
    ];

    private TimeSpan Uptime => time.GetElapsedTime(_startedAt);

    private static double Threads()
    {
        string stat = File.ReadAllText(StatFile);
        return double.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[ThreadsField], CultureInfo.InvariantCulture);
    }

    private static Metric Define(string name, MetricKind kind, string unit, string description, params string[] attributes) => new()
    {
        Name = name,
        Unit = unit,
        Kind = kind,
        IsInteger = unit is not "s",
        Description = description,
        Source = "this process",
        AttributeKeys = attributes,
    };
}
