using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>Pressure stall information, <c>/proc/pressure/*</c>: how long tasks had to wait for CPU, memory or disks although they had work.</summary>
/// <remarks>Kernels before 4.20, and those that were built or started without it (<c>psi=0</c>), have none.</remarks>
public sealed class PressureCollector(HostPaths paths) : ICollector
{
    // Linux's EOPNOTSUPP: the files are there, but the kernel was started without the accounting.
    private const int NotSupported = 95;

    private const string Source = "/proc/pressure/*";

    private static Metric StallTime { get; } = new()
    {
        Name = "hostwire.pressure.stall.time",
        Unit = "s",
        Kind = MetricKind.Counter,
        IsInteger = false,
        Description = "Time in which at least one task (some), or every task that was not idle (full), waited for the resource.",
        Source = Source,
        AttributeKeys = ["resource", "type"],
    };

    private static Metric StallShare { get; } = new()
    {
        Name = "hostwire.pressure.stall.share",
        Unit = "1",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = "Share of the last 10, 60 or 300 seconds in which tasks waited for the resource, 0 to 1, as the kernel averages it.",
        Source = Source,
        AttributeKeys = ["resource", "type", "window"],
    };

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "pressure",
        "Pressure stall information: how long tasks waited for CPU, memory, disks and interrupts.",
        IntervalSeconds: 10,
        [StallTime, StallShare],
        setup => new PressureCollector(setup.Paths));

    private readonly Resource[] _resources = [new(paths, "cpu"), new(paths, "memory"), new(paths, "io"), new(paths, "irq")];

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        foreach (Resource resource in _resources)
        {
            resource.Collect(scrape);
        }
    }

    /// <summary>Whether a file cannot be read because the kernel does not keep these accounts.</summary>
    internal static bool IsSwitchedOff(IOException error) => error.InnerException is { HResult: NotSupported };

    /// <summary>One file.</summary>
    private sealed class Resource(HostPaths paths, string name)
    {
        private readonly KernelFile _file = new($"{paths.Procfs}/pressure/{name}", bufferBytes: 256);
        private readonly Stall _some = new(name, "some");

        // The kernel writes a line "full" for the CPU since 5.13, always 0: a task that runs is not waiting for a CPU.
        private readonly Stall? _full = name is "cpu" ? null : new Stall(name, "full");
        private bool _isSwitchedOff;

        public void Collect(Scrape scrape)
        {
            if (_isSwitchedOff || !TryRead(out ReadOnlySpan<byte> content))
            {
                return;
            }

            while (KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line))
            {
                if (!PressureStall.TryParse(line, out ReadOnlySpan<byte> type, out PressureStall stall))
                {
                    throw new InvalidDataException($"{_file.Path} has a line that is not a kind of waiting, three averages and a total: \"{KernelText.ToText(line)}\".");
                }

                Stall? series = type.SequenceEqual("some"u8) ? _some : type.SequenceEqual("full"u8) ? _full : null;
                series?.AddPoints(scrape, stall);
            }
        }

        private bool TryRead(out ReadOnlySpan<byte> content)
        {
            content = default;
            try
            {
                return _file.TryRead(out content);
            }
            catch (IOException error) when (IsSwitchedOff(error))
            {
                // Only a restart of the kernel switches it on.
                _isSwitchedOff = true;
                return false;
            }
        }
    }

    /// <summary>The series of one line.</summary>
    private sealed class Stall(string resource, string type)
    {
        private readonly Series _time = new(StallTime, resource, type);
        private readonly Series _share10 = new(StallShare, resource, type, "10s");
        private readonly Series _share60 = new(StallShare, resource, type, "60s");
        private readonly Series _share300 = new(StallShare, resource, type, "300s");

        public void AddPoints(Scrape scrape, in PressureStall stall)
        {
            scrape.Add(_time, stall.TotalMicroseconds / 1e6);
            scrape.Add(_share10, Share(stall.Percent10));
            scrape.Add(_share60, Share(stall.Percent60));
            scrape.Add(_share300, Share(stall.Percent300));
        }
    }

    // The kernel gives hundredths of a percent. One division of a whole number gives the double next to them; two would be off in the last digit.
    private static double Share(double percent) => Math.Round(percent * 100) / 10_000;
}
