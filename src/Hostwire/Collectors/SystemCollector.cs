using System.Buffers.Text;
using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>How long the host has been up, from <c>/proc/uptime</c>.</summary>
public sealed class SystemCollector(HostPaths paths) : ICollector
{
    private static Metric Uptime { get; } = new()
    {
        Name = "system.uptime",
        Unit = "s",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = "Time since the host started, in whole seconds, the begun one included.",
        Source = "/proc/uptime",
    };

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "system",
        "How long the host has been up.",
        IntervalSeconds: 10,
        [Uptime],
        setup => new SystemCollector(setup.Paths));

    private readonly KernelFile _file = new($"{paths.Procfs}/uptime");
    private readonly Series _uptime = new(Uptime);

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        if (!TryParse(_file.Read(), out double seconds))
        {
            throw new InvalidDataException($"{_file.Path} does not begin with a number of seconds.");
        }

        scrape.Add(_uptime, seconds);
    }

    /// <summary>Reads <c>1067.21 4038.24</c>. The Collector asks sysinfo(2), which rounds up, so this does too.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> content, out double seconds)
    {
        seconds = 0;
        if (!KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line))
        {
            return false;
        }

        ReadOnlySpan<byte> field = KernelText.TakeField(ref line);
        bool parsed = Utf8Parser.TryParse(field, out double uptime, out int length) && length == field.Length && double.IsFinite(uptime);
        seconds = Math.Ceiling(uptime);
        return parsed;
    }
}
