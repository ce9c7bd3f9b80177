namespace Hostwire.Collectors;

/// <summary>Finds the temperature sensors of a host: those of hwmon, and the thermal zones that hwmon does not show as well.</summary>
internal static class TemperatureSensors
{
    /// <summary>All sensors there are now, in the order of their names; none on most virtual machines.</summary>
    public static TemperatureSensor[] Find(HostPaths paths) => [.. Hwmon($"{paths.Sysfs}/class/hwmon"), .. Zones($"{paths.Sysfs}/class/thermal")];

    private static IEnumerable<TemperatureSensor> Hwmon(string root)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (string chip in Folders(root, "hwmon*"))
        {
            // Drivers before 2013 have their files in the device's folder.
            string folder = Directory.GetFiles(chip, "temp*_input").Length > 0 ? chip : $"{chip}/device";
            string number = Path.GetFileName(chip);
            string name = TryReadLine($"{folder}/name") ?? number;

            // The chip's number changes from start to start; the device that it sits on does not. Two chips may sit on one.
            string device = Path.GetFileName(new FileInfo($"{chip}/device").LinkTarget) is { Length: > 0 } target ? target : number;
            foreach (string input in Files(folder, "temp*_input"))
            {
                string stem = input[..^"_input".Length];
                string sensor = Path.GetFileName(stem);
                string id = ids.Add($"{device}/{sensor}") ? $"{device}/{sensor}" : $"{device}/{number}/{sensor}";
                yield return new TemperatureSensor(input, id, $"{name} {TryReadLine($"{stem}_label") ?? sensor}", $"{stem}_crit");
            }
        }
    }

    private static IEnumerable<TemperatureSensor> Zones(string root)
    {
        foreach (string zone in Folders(root, "thermal_zone*"))
        {
            // A zone that hwmon shows too has a folder of it.
            if (Directory.GetDirectories(zone, "hwmon*").Length == 0)
            {
                string name = Path.GetFileName(zone);
                yield return new TemperatureSensor($"{zone}/temp", name, TryReadLine($"{zone}/type") ?? name, criticalPath: null);
            }
        }
    }

    private static IEnumerable<string> Folders(string root, string pattern) =>
        Directory.Exists(root) ? Directory.GetDirectories(root, pattern).Order(StringComparer.Ordinal) : [];

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal) : [];

    private static string? TryReadLine(string path)
    {
        try
        {
            string text = File.ReadAllText(path).Trim();
            return text.Length > 0 ? text : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Many sensors have no label; what stands in its place is as good.
            return null;
        }
    }
}
