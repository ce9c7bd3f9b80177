using System.Globalization;

namespace Hostwire.Configuration;

/// <summary>Where a value comes from.</summary>
/// <param name="Kind">The kind of source.</param>
/// <param name="Name">The file's path, the variable's or the flag's name; empty for a default.</param>
/// <param name="Line">The line in the file, from 1.</param>
public readonly record struct SettingSource(SettingSourceKind Kind, string Name = "", int Line = 0)
{
    /// <summary>As people find it: <c>/etc/hostwire/hostwire.toml:12</c>, <c>environment HOSTWIRE_KAFKA_TOPIC</c>, <c>flag --kafka-topic</c>, <c>default</c>.</summary>
    public override string ToString() => Kind switch
    {
        SettingSourceKind.File => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Line}"),
        SettingSourceKind.Environment => $"environment {Name}",
        SettingSourceKind.Flag => $"flag {Name}",
        _ => "default",
    };
}
