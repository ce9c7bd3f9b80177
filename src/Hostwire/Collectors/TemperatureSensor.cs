using System.Buffers.Text;
using System.Text;
using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>One sensor: its file and its series.</summary>
internal sealed class TemperatureSensor
{
    private readonly byte[] _path;
    private readonly Series _temperature;
    private readonly Series _limit;
    private readonly double? _critical;

    /// <summary>Makes one.</summary>
    /// <param name="path">The file with the temperature.</param>
    /// <param name="id">What tells it from the host's other sensors, over restarts too.</param>
    /// <param name="name">What people call it.</param>
    /// <param name="criticalPath">The file with the temperature at which the hardware is in danger; need not be there.</param>
    public TemperatureSensor(string path, string id, string name, string? criticalPath)
    {
        _path = [.. Encoding.UTF8.GetBytes(path), 0];
        _temperature = new Series(TemperatureCollector.Temperature, id, name);
        _limit = new Series(TemperatureCollector.Limit, id, "high.critical", name);

        // Hardware's limits do not change.
        _critical = criticalPath is not null && TryRead([.. Encoding.UTF8.GetBytes(criticalPath), 0], out double critical) && critical > 0 ? critical : null;
    }

    /// <summary>Adds what the sensor says; one that says nothing at the moment, such as that of a disk that sleeps, is passed over.</summary>
    public void AddPoints(Scrape scrape)
    {
        if (!TryRead(_path, out double celsius))
        {
            return;
        }

        scrape.Add(_temperature, celsius);
        if (_critical is { } critical)
        {
            scrape.Add(_limit, critical);
        }
    }

    /// <summary>Reads a file of thousandths of a degree.</summary>
    private static bool TryRead(ReadOnlySpan<byte> path, out double celsius)
    {
        Span<byte> buffer = stackalloc byte[32];
        ReadOnlySpan<byte> content = SmallFile.Read(SmallFile.NoFolder, path, buffer).TrimEnd((byte)'\n');
        bool parsed = Utf8Parser.TryParse(content, out long thousandths, out int length) && length == content.Length;
        celsius = thousandths / 1000.0;
        return parsed;
    }
}
