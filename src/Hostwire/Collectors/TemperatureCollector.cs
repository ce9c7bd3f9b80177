using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>The temperatures of <c>/sys/class/hwmon</c> and <c>/sys/class/thermal</c>.</summary>
public sealed class TemperatureCollector(HostPaths paths) : ICollector
{
    // To look for sensors costs more than to read them, and they come and go with disks and modules: once an hour, at the usual interval.
    private const int ReadingsBetweenLooks = 60;

    internal static Metric Temperature { get; } = new()
    {
        Name = "hw.temperature",
        Unit = "Cel",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = "What a sensor of CPU, disk or board says.",
        Source = "/sys/class/hwmon/*/temp*_input, /sys/class/thermal/thermal_zone*/temp",
        AttributeKeys = ["hw.id", "hw.name"],
    };

    internal static Metric Limit { get; } = new()
    {
        Name = "hw.temperature.limit",
        Unit = "Cel",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = "The temperature from which the hardware is in danger, where the sensor knows.",
        Source = "/sys/class/hwmon/*/temp*_crit",
        AttributeKeys = ["hw.id", "hw.limit_type", "hw.name"],
    };

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "temperature",
        "Temperatures of CPUs, disks and boards.",
        IntervalSeconds: 60,
        [Temperature, Limit],
        setup => new TemperatureCollector(setup.Paths));

    private TemperatureSensor[] _sensors = [];
    private long _readings;

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        if (_readings++ % ReadingsBetweenLooks == 0)
        {
            _sensors = TemperatureSensors.Find(paths);
        }

        foreach (TemperatureSensor sensor in _sensors)
        {
            sensor.AddPoints(scrape);
        }
    }
}
