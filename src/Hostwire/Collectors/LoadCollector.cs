using System.Buffers.Text;
using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>The load averages of <c>/proc/loadavg</c>.</summary>
public sealed class LoadCollector(HostPaths paths) : ICollector
{
    private static Metric LoadAverage1 { get; } = LoadAverage("1m", "one minute");

    private static Metric LoadAverage5 { get; } = LoadAverage("5m", "five minutes");

    private static Metric LoadAverage15 { get; } = LoadAverage("15m", "fifteen minutes");

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "load",
        "Load averages: threads running, or waiting for CPU or disk, averaged over 1, 5 and 15 minutes.",
        IntervalSeconds: 10,
        [LoadAverage1, LoadAverage5, LoadAverage15],
        setup => new LoadCollector(setup.Paths));

    private readonly KernelFile _file = new($"{paths.Procfs}/loadavg");
    private readonly Series _load1 = new(LoadAverage1);
    private readonly Series _load5 = new(LoadAverage5);
    private readonly Series _load15 = new(LoadAverage15);

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        if (!TryParse(_file.Read(), out double load1, out double load5, out double load15))
        {
            throw new InvalidDataException($"{_file.Path} does not begin with three load averages.");
        }

        scrape.Add(_load1, load1);
        scrape.Add(_load5, load5);
        scrape.Add(_load15, load15);
    }

    /// <summary>Reads <c>0.20 0.18 0.12 1/80 11206</c>; false where the first three fields are not numbers.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> content, out double load1, out double load5, out double load15)
    {
        load5 = load15 = 0;
        return TryTake(ref content, out load1) && TryTake(ref content, out load5) && TryTake(ref content, out load15);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> content, out double value)
    {
        content = content.TrimStart((byte)' ');
        bool parsed = Utf8Parser.TryParse(content, out value, out int length);
        content = content[length..];
        return parsed;
    }

    private static Metric LoadAverage(string window, string words) => new()
    {
        Name = $"system.cpu.load_average.{window}",
        Unit = "{thread}",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = $"Average CPU load over {words}.",
        Source = "/proc/loadavg",
    };
}
