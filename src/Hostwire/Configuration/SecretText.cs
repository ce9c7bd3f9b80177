using Hostwire.Kafka;
using Hostwire.Store;

namespace Hostwire.Configuration;

/// <summary>How values with secrets in them are shown.</summary>
public static class SecretText
{
    /// <summary>What stands for a secret.</summary>
    public const string Masked = "********";

    /// <summary>The value as people may see it.</summary>
    public static string Mask(SettingValue value) => Settings.Find(value.Key) switch
    {
        _ when value.Text.Length == 0 => "",
        { IsSecret: true } => Masked,
        { HoldsPassword: true } => MaskUri(value.Text),
        null when SettingTable.KafkaProperties.NameIn(value.Key) is string name && (KafkaProperties.IsSecret(name) || IsMistaken(name, value.Text)) => Masked,
        _ => value.Text,
    };

    // A property that librdkafka does not know may be a misspelt one that holds a secret.
    private static bool IsMistaken(string name, string text) => LibrdkafkaProperties.Problem(name, text) is not null;

    /// <summary>A PostgreSQL URI with its password masked; all of it where it cannot be read, since then anything in it may be the password.</summary>
    public static string MaskUri(string text)
    {
        if (PostgresUriParser.Parse(text, out _) is not PostgresUri uri)
        {
            return Masked;
        }

        string user = Uri.EscapeDataString(uri.Username) + (uri.Password.Length > 0 ? ":" + Masked : "");
        string hosts = string.Join(',', uri.Hosts.Select(host => FormattableString.Invariant(
            $"{(host.Host.Contains(':', StringComparison.Ordinal) ? $"[{host.Host}]" : host.Host.StartsWith('/') ? Uri.EscapeDataString(host.Host) : host.Host)}:{host.Port}")));
        string query = string.Join('&', uri.Parameters.Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value)}"));
        return $"postgres://{(user.Length > 0 ? user + "@" : "")}{hosts}/{Uri.EscapeDataString(uri.Database)}{(query.Length > 0 ? "?" + query : "")}";
    }
}
