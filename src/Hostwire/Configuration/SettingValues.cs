namespace Hostwire.Configuration;

/// <summary>Values as they are gathered from file, environment and flags, and everything that was wrong on the way: so that all errors are told at once.</summary>
internal sealed class SettingValues
{
    private readonly Dictionary<string, SettingValue> _byKey = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    /// <summary>What has been set, by key; later sources have replaced earlier ones.</summary>
    public IReadOnlyDictionary<string, SettingValue> ByKey => _byKey;

    /// <summary>The user's own commands.</summary>
    public IReadOnlyList<ExecOptions> Commands { get; private set; } = [];

    /// <summary>What is wrong: one line each, with source and key.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Checks a value and keeps it. A relative path counts from <paramref name="folder"/>, or from the working folder where that is null.</summary>
    public void Add(Setting setting, string text, SettingSource source, string? folder = null)
    {
        if (setting.Parse(text, out string problem) is not string canonical)
        {
            Refuse(source, $"{setting.Key} {problem}");
            return;
        }

        if (setting.Kind == SettingKind.Path && canonical.Length > 0)
        {
            canonical = folder is null ? Path.GetFullPath(canonical) : Path.GetFullPath(canonical, folder);
        }

        _byKey[setting.Key] = new(setting.Key, canonical, source);
    }

    /// <summary>Keeps an entry of a table; what it may be is checked later.</summary>
    public void Add(SettingTable table, string name, string text, SettingSource source)
    {
        string key = $"{table.Key}.{name}";
        _byKey[key] = new(key, text, source);
    }

    /// <summary>Keeps the commands of a settings file, which alone can have any.</summary>
    public void AddCommands(IReadOnlyList<ExecOptions> commands) => Commands = commands;

    /// <summary>Keeps values of a source that counts only where nothing else says anything about the same section.</summary>
    public void AddSectionsNotSet(SettingValues others)
    {
        string[] sections = [.. others._byKey.Keys.Select(Section).Distinct(StringComparer.Ordinal).Except(_byKey.Keys.Select(Section), StringComparer.Ordinal)];
        foreach (SettingValue value in others._byKey.Values.Where(value => sections.Contains(Section(value.Key), StringComparer.Ordinal)))
        {
            _byKey[value.Key] = value;
        }
    }

    /// <summary>Notes what is wrong with something set there.</summary>
    public void Refuse(SettingSource source, string problem) => _problems.Add(source.Kind == SettingSourceKind.Default ? problem : $"{source}: {problem}");

    private static string Section(string key) => key[..key.IndexOf('.', StringComparison.Ordinal)];
}
