namespace Hostwire.Configuration;

/// <summary>The value of a setting and where it comes from. May hold a secret: it has no text form of its own.</summary>
/// <param name="Key">The setting's key; of a librdkafka property <c>kafka.properties.NAME</c>.</param>
/// <param name="Text">The value in canonical form.</param>
/// <param name="Source">Where it was set.</param>
public sealed record SettingValue(string Key, string Text, SettingSource Source)
{
    /// <summary>The key and the source, without the value.</summary>
    public override string ToString() => $"{Key} from {Source}";
}
