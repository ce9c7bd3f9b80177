using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Hostwire.Metrics;
using Hostwire.Otlp;

namespace Hostwire.Simulation.Hosts;

/// <summary>A host that does not exist: its counters grow from scrape to scrape and begin anew when it reboots.</summary>
/// <remarks>Times are ticks of 100 ns since 1970. What it sends depends on the request, its number and its ticks alone.</remarks>
internal sealed class SimulatedHost
{
    private const double UptimeDaysMax = 400;

    // How long a machine is silent when it reboots, and how soon after the kernel its agent starts.
    private const double DownSecondsMin = 40;
    private const double DownSecondsMax = 200;
    private const double AgentSecondsMin = 5;
    private const double AgentSecondsMax = 30;

    // How long after its tick a reading is made.
    private const double DelayMicrosecondsMin = 60;
    private const double DelayMicrosecondsMax = 2500;

    private readonly SeededRandom _random;
    private readonly HostActivity _activity;
    private readonly ISimulatedSource[] _fast;
    private readonly ISimulatedSource[] _slow;
    private readonly double _rebootChance;
    private long _boot;
    private long _lastFast;
    private long _lastSlow;
    private long _upAt;
    private bool _hasReadingBefore = true;

    /// <summary>Makes the host with this number of a fleet, up for days already.</summary>
    public SimulatedHost(ShapeKit kit, FleetRequest request, int number)
    {
        Kit = kit;
        Identity = IdentityOf(request, kit.Shape, number);
        _random = new SeededRandom(SeededRandom.SeedOf(request.Seed, (ulong)number));
        _activity = new HostActivity(_random);
        _fast = kit.NewFastSources(request, _random);
        _slow = kit.NewSlowSources(_random);
        _rebootChance = request.RebootEvery == Timeout.InfiniteTimeSpan ? 0 : Math.Min(1, request.Interval / request.RebootEvery);
        IsChanging = Array.Exists(_fast, source => source.IsChanging);

        // Up since up to a year before, most for a shorter time; and its agent has read everything a moment ago.
        long start = (request.Start - DateTimeOffset.UnixEpoch).Ticks;
        double share = _random.Unit();
        _boot = WholeSeconds(start - TimeSpan.FromHours(1).Ticks - (long)(share * share * UptimeDaysMax * TimeSpan.TicksPerDay));
        Source = new OtlpSource(Identity, Nanoseconds(_boot));
        LiveUntil(start - request.Interval.Ticks);
    }

    /// <summary>What its shape shares.</summary>
    public ShapeKit Kit { get; }

    /// <summary>Name and id.</summary>
    public HostIdentity Identity { get; }

    /// <summary>What the encoder needs; another one after each reboot.</summary>
    public OtlpSource Source { get; private set; }

    /// <summary>Whether its fast series come and go.</summary>
    public bool IsChanging { get; }

    /// <summary>Name and id of a host: nothing but the request and its number decide them.</summary>
    public static HostIdentity IdentityOf(FleetRequest request, HostShape shape, int number)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{request.Prefix}-{shape.Name}-{number:d5}");
        return new HostIdentity(name, IdOf(request.Seed, name));
    }

    /// <summary>The id that the host of this name has in a fleet of this seed.</summary>
    public static string IdOf(ulong seed, string name)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}\0{name}")));
        return Convert.ToHexStringLower(hash.AsSpan(0, 16));
    }

    /// <summary>Reads everything that is due at a tick.</summary>
    /// <param name="tick">When it is due; later than the tick before.</param>
    /// <param name="slowIsDue">Whether the slow sources are due too.</param>
    /// <param name="scrape">Is emptied, then filled.</param>
    /// <param name="groups">Is emptied, then given the scrape's groups.</param>
    /// <returns>False while the host is down: nothing was read.</returns>
    public bool TryScrape(long tick, bool slowIsDue, Scrape scrape, List<FrameGroup> groups)
    {
        scrape.Clear();
        groups.Clear();
        if (IsDown(tick))
        {
            return false;
        }

        long time = Microseconds(tick + Delay());
        double seconds = Seconds(time - _lastFast);
        double activity = _activity.Advance(Seconds(time), seconds, _random);
        Read(_fast, _hasReadingBefore ? FrameKind.Fast : FrameKind.FastFirst, new HostMoment(seconds, Seconds(time - _boot), activity, _hasReadingBefore, _random), time, scrape, groups);
        _lastFast = time;
        _hasReadingBefore = true;
        if (slowIsDue)
        {
            time = Microseconds(time + Delay());
            Read(_slow, FrameKind.Slow, new HostMoment(Seconds(time - _lastSlow), Seconds(time - _boot), activity, HasReadingBefore: true, _random), time, scrape, groups);
            _lastSlow = time;
        }

        return true;
    }

    private static void Read(ISimulatedSource[] sources, FrameKind kind, in HostMoment moment, long time, Scrape scrape, List<FrameGroup> groups)
    {
        int start = scrape.Count;
        scrape.BeginGroup(Nanoseconds(time));
        foreach (ISimulatedSource source in sources)
        {
            source.Read(moment, scrape);
        }

        groups.Add(new FrameGroup(kind, start, scrape.Count - start));
    }

    private bool IsDown(long tick)
    {
        if (_upAt == 0)
        {
            if (_rebootChance == 0 || !_random.Chance(_rebootChance))
            {
                return false;
            }

            _upAt = tick + Ticks(_random.Between(DownSecondsMin, DownSecondsMax));
        }

        if (tick < _upAt)
        {
            return true;
        }

        _boot = WholeSeconds(_upAt - Ticks(_random.Between(AgentSecondsMin, AgentSecondsMax)));
        _upAt = 0;
        _lastFast = _lastSlow = _boot;
        _hasReadingBefore = false;
        Source = new OtlpSource(Identity, Nanoseconds(_boot));
        Array.ForEach(_fast, source => source.Restart(_random));
        Array.ForEach(_slow, source => source.Restart(_random));
        return false;
    }

    private void LiveUntil(long time)
    {
        var moment = new HostMoment(Seconds(time - _boot), Seconds(time - _boot), _activity.Mean, HasReadingBefore: false, _random);
        var unseen = new Scrape();
        foreach (ISimulatedSource source in _fast.Concat(_slow))
        {
            source.Read(moment, unseen);
        }

        _lastFast = _lastSlow = time;
    }

    private long Delay() => Ticks(_random.Between(DelayMicrosecondsMin, DelayMicrosecondsMax) / 1_000_000);

    private static double Seconds(long ticks) => (double)ticks / TimeSpan.TicksPerSecond;

    private static long Ticks(double seconds) => (long)(seconds * TimeSpan.TicksPerSecond);

    private static long Microseconds(long ticks) => ticks - (ticks % TimeSpan.TicksPerMicrosecond);

    private static long WholeSeconds(long ticks) => ticks - (ticks % TimeSpan.TicksPerSecond);

    private static long Nanoseconds(long ticks) => ticks * TimeSpan.NanosecondsPerTick;
}
