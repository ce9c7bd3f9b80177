using System.Globalization;
using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>The CPUs of a host: ticks by state, shares, frequencies.</summary>
internal sealed class SimulatedCpus(SimulatedCpus.Kit kit) : ISimulatedSource
{
    private readonly long[] _ticks = new long[kit.Count * CpuTicks.StateCount];

    /// <inheritdoc/>
    public void Read(in HostMoment moment, Scrape scrape)
    {
        Span<long> passed = stackalloc long[CpuTicks.StateCount];
        for (int cpu = 0; cpu < kit.Count; cpu++)
        {
            double busy = Math.Clamp(moment.Activity * moment.Random.Between(0.4, 1.6), 0, 1);
            Pass(passed, moment, busy);
            AddTimes(cpu, passed, moment.HasReadingBefore, scrape);
            kit.Frequency(cpu, busy, moment.Random);
        }

        scrape.Add(kit.LogicalCount, (long)kit.Count);
        scrape.Add(kit.PhysicalCount, (long)kit.Cores);
        kit.AddFrequencies(scrape);
    }

    /// <inheritdoc/>
    public void Restart(SeededRandom random) => Array.Clear(_ticks);

    // The states share out the ticks that have passed, so that they always add up to the time.
    private void Pass(Span<long> passed, in HostMoment moment, double busy)
    {
        SeededRandom random = moment.Random;
        long total = random.Count(moment.Seconds * CpuTicks.TicksPerSecond);
        long left = random.Count(total * busy);
        long idle = total - left;
        long Take(double share)
        {
            long ticks = Math.Min(left, random.Count(total * busy * share));
            left -= ticks;
            return ticks;
        }

        passed[7] = kit.IsVirtual ? Take(0.02 * random.Unit()) : 0;
        passed[2] = Take(random.Between(0.15, 0.3));
        passed[6] = Take(0.03 * random.Unit());
        passed[1] = Take(0.01 * random.Unit());
        passed[5] = 0;
        passed[0] = left;
        passed[4] = Math.Min(idle, random.Count(idle * 0.04 * moment.Activity * random.Unit()));
        passed[3] = idle - passed[4];
    }

    private void AddTimes(int cpu, ReadOnlySpan<long> passed, bool hasShares, Scrape scrape)
    {
        long total = 0;
        foreach (long ticks in passed)
        {
            total += ticks;
        }

        int first = cpu * CpuTicks.StateCount;
        for (int state = 0; state < passed.Length; state++)
        {
            _ticks[first + state] += passed[state];
            scrape.Add(kit.Time[first + state], _ticks[first + state] / CpuTicks.TicksPerSecond);
            if (hasShares)
            {
                scrape.Add(kit.Utilization[first + state], total == 0 ? 0 : passed[state] / (double)total);
            }
        }
    }

    /// <summary>What the hosts of a shape share.</summary>
    internal sealed class Kit(HostShape shape, SeriesBook book)
    {
        private const double HertzPerKilohertz = 1000;

        // Of the reading at hand only; one thread at a time makes one.
        private readonly double[] _hertz = new double[shape.Cpus];
        private readonly Series[] _frequencies = [.. Enumerable.Range(0, shape.Cpus).Select(cpu => book.Make("system.cpu.frequency", Name(cpu)))];

        public int Count { get; } = shape.Cpus;

        public int Cores { get; } = shape.Cpus / shape.ThreadsPerCore;

        public bool IsVirtual { get; } = shape.IsVirtual;

        public Series[] Time { get; } = [.. ByState("system.cpu.time", shape, book)];

        public Series[] Utilization { get; } = [.. ByState("system.cpu.utilization", shape, book)];

        public Series LogicalCount { get; } = book.Make("system.cpu.logical.count");

        public Series PhysicalCount { get; } = book.Make("system.cpu.physical.count");

        public void Frequency(int cpu, double busy, SeededRandom random)
        {
            long range = shape.TurboKilohertz - shape.BaseKilohertz;
            _hertz[cpu] = (shape.BaseKilohertz + (range == 0 ? 0 : random.Count(range * Math.Min(1, busy + (0.2 * random.Unit()))))) * HertzPerKilohertz;
        }

        public void AddFrequencies(Scrape scrape)
        {
            for (int cpu = 0; cpu < _hertz.Length; cpu++)
            {
                scrape.Add(_frequencies[cpu], _hertz[cpu]);
            }
        }

        private static IEnumerable<Series> ByState(string metric, HostShape shape, SeriesBook book) =>
            Enumerable.Range(0, shape.Cpus).SelectMany(cpu => CpuTicks.States.Select(state => book.Make(metric, Name(cpu), state)));

        private static string Name(int cpu) => string.Create(CultureInfo.InvariantCulture, $"cpu{cpu}");
    }
}
