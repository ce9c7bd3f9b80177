using System.Globalization;
using Hostwire.Agent;
using Hostwire.Metrics;
using Hostwire.Monitoring;

namespace Hostwire.Collectors;

/// <summary>The agent's metrics of itself, so that a fleet is seen in the database. Yields nothing where no agent runs for long: <c>--once</c>.</summary>
public sealed class AgentCollector : ICollector
{
    private const string MemoryFile = "/proc/self/statm";

    private static Metric CpuTime { get; } = AgentMetrics.Define("cpu.time", MetricKind.Counter, "s", "CPU time that the agent has used.");

    private static Metric MemoryUsage { get; } = AgentMetrics.Define("memory.usage", MetricKind.UpDown, "By", "Resident memory of the agent.");

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "agent",
        "The agent itself: scrapes, collectors, queue, drops, acknowledgements, errors, memory.",
        IntervalSeconds: 60,
        [.. AgentMetrics.All.Select(metric => metric.Metric), .. AgentMetrics.Parts.Select(metric => metric.Metric), AgentMetrics.CertificateExpiry.Metric, CpuTime, MemoryUsage],
        setup => new AgentCollector(setup.Self));

    private readonly Target[] _targets;
    private readonly KernelFile _memory = new(MemoryFile);
    private readonly Series _cpuTime = new(CpuTime);
    private readonly Series _memoryUsage = new(MemoryUsage);

    private AgentCollector(IReadOnlyList<BoundMetric> metrics) => _targets = [.. metrics.Select(metric => new Target(metric))];

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        if (_targets.Length == 0)
        {
            return;
        }

        foreach (Target target in _targets)
        {
            target.Read(scrape);
        }

        // Of this process, whatever host is sampled; so not under agent.procfs.
        scrape.Add(_cpuTime, Environment.CpuUsage.TotalTime.TotalSeconds);
        if (TryParseResidentPages(_memory.Read(), out long pages))
        {
            scrape.Add(_memoryUsage, pages * Environment.SystemPageSize);
        }
    }

    /// <summary>Reads the second number of <c>8012 7411 5120 310 0 2031 0</c>.</summary>
    internal static bool TryParseResidentPages(ReadOnlySpan<byte> content, out long pages)
    {
        pages = 0;
        int start = content.IndexOf((byte)' ') + 1;
        int length = content[start..].IndexOf((byte)' ');
        return start > 0 && length > 0 && long.TryParse(content.Slice(start, length), NumberStyles.None, CultureInfo.InvariantCulture, out pages);
    }

    /// <summary>Where one metric's values go: to series that are made once.</summary>
    private sealed class Target(BoundMetric metric) : ISelfReadings
    {
        private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);
        private Series? _only;
        private Scrape? _scrape;

        public void Read(Scrape scrape)
        {
            _scrape = scrape;
            metric.Read(this);
            _scrape = null;
        }

        public void Add(double value, string? first = null, string? second = null)
        {
            Series series = Find(first);
            if (metric.Metric.IsInteger)
            {
                _scrape!.Add(series, (long)value);
            }
            else
            {
                _scrape!.Add(series, value);
            }
        }

        private Series Find(string? attribute)
        {
            if (attribute is null)
            {
                return _only ??= new Series(metric.Metric);
            }

            if (!_series.TryGetValue(attribute, out Series? series))
            {
                series = new Series(metric.Metric, attribute);
                _series.Add(attribute, series);
            }

            return series;
        }
    }
}
