namespace Hostwire.Configuration;

/// <summary>A section whose keys are the user's own, besides the settings of <see cref="Settings.All"/>.</summary>
/// <param name="Key">Its name in the settings file, e.g. <c>kafka.properties</c>.</param>
/// <param name="Flag">The flag that sets one key, NAME=VALUE; may be given several times.</param>
/// <param name="Section">The section it belongs to.</param>
/// <param name="Description">What the flag's help says.</param>
public sealed record SettingTable(string Key, string Flag, SettingSections Section, string Description)
{
    /// <summary>Properties of librdkafka.</summary>
    public static SettingTable KafkaProperties { get; } = new(
        "kafka.properties", "--kafka-property", SettingSections.Kafka, "Any property of librdkafka, such as linger.ms=50; may be given several times.");

    /// <summary>Attributes that describe the host.</summary>
    public static SettingTable AgentAttributes { get; } = new(
        "agent.attributes", "--agent-attribute", SettingSections.Agent, "An attribute of this host, such as env=prod, sent as host.env; may be given several times.");

    /// <summary>All of them.</summary>
    public static SettingTable[] All { get; } = [KafkaProperties, AgentAttributes];

    /// <summary>The environment variable: NAME=VALUE, several separated by semicolons or line ends.</summary>
    public string Variable => Setting.EnvironmentPrefix + Key.Replace('.', '_').ToUpperInvariant();

    /// <summary>The table that a key is in; null where it is in none.</summary>
    public static SettingTable? Of(string key) => Array.Find(All, table => table.NameIn(key) is not null);

    /// <summary>The name that a key has in this table; null where it is not in it.</summary>
    public string? NameIn(string key) => key.Length > Key.Length && key[Key.Length] == '.' && key.StartsWith(Key, StringComparison.Ordinal) ? key[(Key.Length + 1)..] : null;
}
