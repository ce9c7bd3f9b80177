using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>Load averages, damped every five seconds as the kernel does.</summary>
internal sealed class SimulatedLoad(SimulatedLoad.Kit kit) : ISimulatedSource
{
    private const double StepSeconds = 5;
    private const int StepsMax = 1000;

    // The kernel's own factors, in 2048ths: e^(-5/60), e^(-5/300), e^(-5/900).
    private const double Keep1 = 1884 / 2048.0;
    private const double Keep5 = 2014 / 2048.0;
    private const double Keep15 = 2037 / 2048.0;

    private double _load1;
    private double _load5;
    private double _load15;

    /// <inheritdoc/>
    public void Read(in HostMoment moment, Scrape scrape)
    {
        int steps = (int)Math.Clamp(moment.Seconds / StepSeconds, 1, StepsMax);
        for (int step = 0; step < steps; step++)
        {
            double active = Math.Max(0, kit.Cpus * moment.Activity * moment.Random.Between(0.6, 1.5));
            _load1 = (_load1 * Keep1) + (active * (1 - Keep1));
            _load5 = (_load5 * Keep5) + (active * (1 - Keep5));
            _load15 = (_load15 * Keep15) + (active * (1 - Keep15));
        }

        scrape.Add(kit.Load1, AsPrinted(_load1));
        scrape.Add(kit.Load5, AsPrinted(_load5));
        scrape.Add(kit.Load15, AsPrinted(_load15));
    }

    /// <inheritdoc/>
    public void Restart(SeededRandom random) => _load1 = _load5 = _load15 = 0;

    // /proc/loadavg has two decimals.
    private static double AsPrinted(double load) => (long)((load * 100) + 0.5) / 100.0;

    /// <summary>What the hosts of a shape share.</summary>
    internal sealed class Kit(HostShape shape, SeriesBook book)
    {
        public int Cpus { get; } = shape.Cpus;

        public Series Load1 { get; } = book.Make("system.cpu.load_average.1m");

        public Series Load5 { get; } = book.Make("system.cpu.load_average.5m");

        public Series Load15 { get; } = book.Make("system.cpu.load_average.15m");
    }
}
