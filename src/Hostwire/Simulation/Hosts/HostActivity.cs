namespace Hostwire.Simulation.Hosts;

/// <summary>How much a host has to do, 0 to 1: more by day than by night, never quite the same, and now and then a burst. All its sources follow it, so that they fit together.</summary>
internal sealed class HostActivity
{
    private const double SecondsPerDay = 86_400;
    private const double SettleSeconds = 60;
    private const double BurstEverySeconds = 7200;
    private const double BurstSecondsMin = 120;
    private const double BurstSecondsMax = 900;
    private const double Least = 0.01;
    private const double Most = 0.97;

    private readonly double _atNight;
    private readonly double _byDay;
    private readonly double _noonSeconds;
    private double _level;
    private double _burstSeconds;
    private double _burst;

    public HostActivity(SeededRandom random)
    {
        _atNight = random.Between(0.03, 0.2);
        _byDay = random.Between(0.15, 0.6);

        // Most of a company's hosts are busy at the same time of the day.
        _noonSeconds = (13 * 3600) + (3 * 3600 * random.Swing());
        _level = Mean;
    }

    /// <summary>What it comes to over a long time.</summary>
    public double Mean => (_atNight + _byDay) / 2;

    /// <summary>Goes on by <paramref name="seconds"/>, up to a time in seconds since 1970.</summary>
    public double Advance(double unixSeconds, double seconds, SeededRandom random)
    {
        if (_burstSeconds > 0)
        {
            _burstSeconds -= seconds;
        }
        else if (random.Chance(seconds / BurstEverySeconds))
        {
            _burstSeconds = random.Between(BurstSecondsMin, BurstSecondsMax);
            _burst = random.Between(0.2, 0.8);
        }

        double target = _atNight + ((_byDay - _atNight) * Daylight(unixSeconds)) + (_burstSeconds > 0 ? _burst : 0);
        double weight = Math.Min(1, seconds / SettleSeconds);
        _level += ((target - _level) * weight) + (0.08 * weight * random.Swing());
        _level = Math.Clamp(_level, Least, Most);
        return _level;
    }

    // From 0 at midnight, by this host's clock, to 1 at noon, without corners.
    private double Daylight(double unixSeconds)
    {
        double day = (unixSeconds - _noonSeconds) / SecondsPerDay;
        double fromNoon = Math.Abs(day - Math.Floor(day + 0.5));
        double height = 1 - (2 * fromNoon);
        return height * height * (3 - (2 * height));
    }
}
