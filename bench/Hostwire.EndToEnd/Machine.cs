using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.EndToEnd;

/// <summary>Where and on what a benchmark ran: no figure means anything without it.</summary>
internal sealed record Machine
{
    /// <summary>The processor's name, as the kernel has it.</summary>
    public required string Cpu { get; init; }

    /// <summary>Processors that this process may use.</summary>
    public required int Cpus { get; init; }

    /// <summary>Memory in GiB.</summary>
    public required double MemoryGib { get; init; }

    /// <summary>The kernel.</summary>
    public required string Kernel { get; init; }

    /// <summary>The system.</summary>
    public required string System { get; init; }

    /// <summary>What PostgreSQL's and Kafka's files lie on.</summary>
    public required string FileSystem { get; init; }

    /// <summary>The load average of the last minute before the run: what others took.</summary>
    public required double LoadBefore { get; init; }

    /// <summary>The commit; with a plus where files were changed since.</summary>
    public required string Commit { get; init; }

    /// <summary>UTC.</summary>
    public required string Date { get; init; }

    /// <summary>Finds all of it out.</summary>
    public static async Task<Machine> ReadAsync()
    {
        string commit = (await ChildProcess.RunAsync("git", ["-C", Repository.Root, "rev-parse", "--short=12", "HEAD"])).Trim();
        string changes = await ChildProcess.RunAsync("git", ["-C", Repository.Root, "status", "--porcelain", "--untracked-files=no"]);
        string folder = Path.GetTempPath();
        return new Machine
        {
            Cpu = Line("/proc/cpuinfo", "model name")?.Split(": ")[^1] ?? "unknown",
            Cpus = Environment.ProcessorCount,
            MemoryGib = Math.Round(double.Parse(Line("/proc/meminfo", "MemTotal")!.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / (1 << 20), 1),
            Kernel = (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease")).Trim(),
            System = Line("/etc/os-release", "PRETTY_NAME")?.Split('=')[1].Trim('"') ?? RuntimeInformation.OSDescription,
            FileSystem = $"{(await ChildProcess.RunAsync("stat", ["-f", "-c", "%T", folder])).Trim()} ({folder})",
            LoadBefore = double.Parse((await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0], CultureInfo.InvariantCulture),
            Commit = changes.Trim().Length == 0 ? commit : commit + "+",
            Date = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Date}, commit {Commit}\n{Cpus} CPUs of {Cpu}, {MemoryGib} GiB, {System}, kernel {Kernel}, files on {FileSystem}; load before the run {LoadBefore}");

    /// <summary>How the last line of a benchmark is written.</summary>
    public static JsonSerializerOptions Json { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The same for a program.</summary>
    public JsonObject ToJson() => new()
    {
        ["cpu"] = Cpu,
        ["cpus"] = Cpus,
        ["memory_gib"] = MemoryGib,
        ["kernel"] = Kernel,
        ["system"] = System,
        ["files"] = FileSystem,
        ["load_before"] = LoadBefore,
    };

    /// <summary>The version of the broker.</summary>
    public static async Task<string> KafkaVersionAsync()
    {
        string libraries = Path.Combine(await KafkaLocation.HomeAsync(), "libs");
        string? jar = Directory.EnumerateFiles(libraries, "kafka-clients-*.jar").Select(Path.GetFileNameWithoutExtension).FirstOrDefault();
        return $"Apache Kafka {jar?.Split('-')[^1] ?? "of unknown version"}";
    }

    private static string? Line(string file, string start) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal));
}
