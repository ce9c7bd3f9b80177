namespace Hostwire.Configuration;

/// <summary>Everything that settings can come from.</summary>
public sealed record SettingsSources
{
    /// <summary>Read where nobody names another file and this one is there.</summary>
    public const string UsualFile = "/etc/hostwire/hostwire.toml";

    /// <summary>The file named with <c>--config</c>; null: the one named in the environment, else the usual one.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>The file that is read where none is named; need not be there.</summary>
    public string DefaultFile { get; init; } = UsualFile;

    /// <summary>
    /// The file in which a running <c>hostwire up</c> of this user says how to reach it; null where none runs. A section counts only where nothing else sets any
    /// key of it, so that its address never meets somebody else's password.
    /// </summary>
    public string? RunningFile { get; init; }

    /// <summary>The environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The flags that were given, with their values as typed.</summary>
    public IReadOnlyList<(Setting Setting, string Text)> Flags { get; init; } = [];

    /// <summary>The entries of tables that were given as flags, as NAME=VALUE.</summary>
    public IReadOnlyList<(SettingTable Table, string Pair)> TableFlags { get; init; } = [];
}
