using BenchmarkDotNet.Attributes;
using Hostwire.Collectors;
using Hostwire.EndToEnd;
using Hostwire.Metrics;

namespace Hostwire.Benchmarks;

/// <summary>From the files of a host, captured in <c>tests/fixtures/hosts</c>, to points. An operation is a reading of all that the collector reads, the opening of files on a real file system included.</summary>
public class CollectorBenchmarks
{
    private readonly Scrape _scrape = new();
    private ICollector _cpu = null!;
    private ICollector _disk = null!;
    private ICollector _network = null!;
    private ICollector _processes = null!;

    /// <summary>The host: 2 CPUs, or 128.</summary>
    [Params("small-vm", "big-128")]
    public string Host { get; set; } = "";

    /// <summary>Each reads once; a figure of each is what stands in the files.</summary>
    [GlobalSetup]
    public void Setup()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "fixtures", "hosts", Host);
        var setup = new CollectorSetup(new HostPaths($"{folder}/proc", $"{folder}/sys", $"{folder}/root"));
        _cpu = CpuCollector.Definition.Create(setup);
        _disk = DiskCollector.Definition.Create(setup);
        _network = NetworkCollector.Definition.Create(setup);
        _processes = ProcessesCollector.Definition.Create(setup);
        string[] cpu = Fields($"{folder}/proc/stat", "cpu0");
        string[] disk = Fields($"{folder}/proc/diskstats", Host is "small-vm" ? "vda" : "nvme0n1", column: 2);
        // The host's own interfaces are those of its first process, where that can be seen.
        string interfaces = Path.Exists($"{folder}/proc/1/net/dev") ? $"{folder}/proc/1/net/dev" : $"{folder}/proc/net/dev";
        string[] network = Fields(interfaces, Host is "small-vm" ? "lo:" : "eth0:");
        Check(_cpu, "system.cpu.time{cpu=cpu0,state=idle}", Number(cpu[4]) / 100);
        Check(_disk, $"system.disk.operations{{device={disk[2]},direction=read}}", Number(disk[3]));
        Check(_network, $"system.network.io{{device={network[0].TrimEnd(':')},direction=receive}}", Number(network[1]));
        Check(_processes, "system.processes.created", Number(Fields($"{folder}/proc/stat", "processes")[1]));
    }

    /// <summary><c>/proc/stat</c> and the CPUs' frequencies.</summary>
    [Benchmark]
    public int Cpu() => Read(_cpu);

    /// <summary><c>/proc/diskstats</c>.</summary>
    [Benchmark]
    public int Disk() => Read(_disk);

    /// <summary><c>/proc/net/dev</c>.</summary>
    [Benchmark]
    public int Network() => Read(_network);

    /// <summary><c>/proc/*/stat</c>.</summary>
    [Benchmark]
    public int Processes() => Read(_processes);

    private int Read(ICollector collector)
    {
        _scrape.Clear();
        _scrape.BeginGroup(1_000);
        collector.Collect(_scrape);
        return _scrape.Count;
    }

    private void Check(ICollector collector, string series, double expected)
    {
        Read(collector);
        foreach (ref readonly ScrapePoint point in _scrape.Points)
        {
            if (string.Equals(point.Series.ToString(), series, StringComparison.Ordinal))
            {
                if (point.Double != expected)
                {
                    throw new BenchFailedException($"{series} is read as {point.Double}, and is {expected}");
                }

                return;
            }
        }

        throw new BenchFailedException($"{series} is not read");
    }

    private static string[] Fields(string file, string name, int column = 0) => File.ReadLines(file)
        .Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        .First(fields => fields.Length > column && fields[column] == name);

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
