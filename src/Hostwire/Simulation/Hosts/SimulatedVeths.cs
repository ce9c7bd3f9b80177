using System.Globalization;
using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>The interfaces of containers, which come and go: each has a name that no other ever had, and counts from 0.</summary>
internal sealed class SimulatedVeths(int count, SeriesBook book, SeededRandom random) : ISimulatedSource
{
    private const double LifeSeconds = 600;
    private const double BytesPerSecond = 2e5;

    private readonly Veth[] _veths = [.. Enumerable.Range(0, count).Select(_ => New(book, random))];

    /// <inheritdoc/>
    public bool IsChanging => true;

    /// <inheritdoc/>
    public void Read(in HostMoment moment, Scrape scrape)
    {
        for (int number = 0; number < _veths.Length; number++)
        {
            if (moment.Random.Chance(Math.Min(1, moment.Seconds / LifeSeconds)))
            {
                _veths[number] = New(book, moment.Random);
            }

            _veths[number].Counters.Pass(moment, BytesPerSecond);
            _veths[number].Series.AddPoints(scrape, _veths[number].Counters);
        }
    }

    /// <inheritdoc/>
    public void Restart(SeededRandom random)
    {
        for (int number = 0; number < _veths.Length; number++)
        {
            _veths[number] = New(book, random);
        }
    }

    private static Veth New(SeriesBook book, SeededRandom random) =>
        new() { Series = new InterfaceSeries(string.Create(CultureInfo.InvariantCulture, $"veth{random.Bits() >> 36:x7}"), book) };

    private struct Veth
    {
        public required InterfaceSeries Series { get; init; }

        public InterfaceCounters Counters;
    }
}
