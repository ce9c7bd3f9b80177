namespace Hostwire.Configuration;

/// <summary>The kinds of source, in rising order: each wins over those before it.</summary>
public enum SettingSourceKind
{
    /// <summary>Nobody set it.</summary>
    Default,

    /// <summary>The TOML file.</summary>
    File,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>A flag of the command line.</summary>
    Flag,
}
