namespace Hostwire.Configuration;

/// <summary>Reads settings from environment variables.</summary>
internal static class EnvironmentSettings
{
    /// <summary>Names the settings file.</summary>
    public const string ConfigFile = Setting.EnvironmentPrefix + "CONFIG";

    // Of the data folder of hostwire up, and of the tests.
    private const string DataFolder = Setting.EnvironmentPrefix + "DATA";
    private const string Tests = Setting.EnvironmentPrefix + "TEST_";

    /// <summary>Adds what the variables set; one that is set but empty counts as not set, since containers cannot take one away.</summary>
    public static void Read(IReadOnlyDictionary<string, string> environment, SettingValues values)
    {
        foreach ((string name, string text) in environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (!name.StartsWith(Setting.EnvironmentPrefix, StringComparison.Ordinal) || text.Length == 0 || IsForeign(name))
            {
                continue;
            }

            var source = new SettingSource(SettingSourceKind.Environment, name);
            if (Array.Find(SettingTable.All, table => table.Variable.Equals(name, StringComparison.Ordinal)) is SettingTable table)
            {
                AddTable(table, text, source, values);
            }
            else if (Array.Find(Settings.All, setting => setting.Variable.Equals(name, StringComparison.Ordinal)) is Setting setting)
            {
                values.Add(setting, text, source);
            }
            else
            {
                values.Refuse(default, $"The environment variable {name} is not a setting.{NearestName.Question(name, Known())}");
            }
        }
    }

    private static void AddTable(SettingTable table, string text, SettingSource source, SettingValues values)
    {
        foreach (string pair in text.Split([';', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                values.Refuse(source, $"{table.Key} must be NAME=VALUE, several separated by semicolons.");
                continue;
            }

            values.Add(table, pair[..equals].Trim(), pair[(equals + 1)..].Trim(), source);
        }
    }

    private static IEnumerable<string> Known() => Settings.All.Select(setting => setting.Variable).Concat(SettingTable.All.Select(table => table.Variable)).Append(ConfigFile);

    // Kubernetes gives every pod the addresses of its services: one called hostwire-sink makes HOSTWIRE_SINK_SERVICE_HOST, HOSTWIRE_SINK_PORT_9090_TCP and more.
    private static bool IsForeign(string name) => name is ConfigFile or DataFolder
        || name.StartsWith(Tests, StringComparison.Ordinal)
        || name.Contains("_SERVICE_HOST", StringComparison.Ordinal)
        || name.Contains("_SERVICE_PORT", StringComparison.Ordinal)
        || name.EndsWith("_PORT", StringComparison.Ordinal)
        || (name.IndexOf("_PORT_", StringComparison.Ordinal) is >= 0 and int at && name.Length > at + 6 && char.IsAsciiDigit(name[at + 6]));
}
