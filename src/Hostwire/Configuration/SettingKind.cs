namespace Hostwire.Configuration;

/// <summary>What values a setting takes.</summary>
public enum SettingKind
{
    /// <summary>Any text; in TOML in quotes.</summary>
    Text,

    /// <summary>One of a few words; in TOML in quotes.</summary>
    Choice,

    /// <summary>The path of a file or folder; in TOML in quotes, and there relative to the folder of the settings file.</summary>
    Path,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Several texts; in TOML in brackets, each in quotes, elsewhere separated by commas. The canonical form is that of <see cref="ListText"/>.</summary>
    List,
}
