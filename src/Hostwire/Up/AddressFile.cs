using System.Globalization;
using System.Text;
using Hostwire.Configuration;

namespace Hostwire.Up;

/// <summary><c>up.toml</c>: the settings with which other verbs reach what runs here, as a settings file; passwords included, so only its owner can read it.</summary>
internal static class AddressFile
{
    /// <summary>Writes every setting of the two sections that is not at its default.</summary>
    public static void Write(DataFolder folder, KafkaOptions kafka, PostgresOptions postgres) => DataFolder.WriteSecret(folder.AddressFile, Toml(kafka, postgres));

    internal static string Toml(KafkaOptions kafka, PostgresOptions postgres)
    {
        var defaults = new KafkaOptions();
        var text = new StringBuilder();
        text.Append("# Where \"hostwire up\" runs Kafka and PostgreSQL now. Other verbs find this file by themselves; it goes when up ends.\n");
        text.Append("[kafka]\n");
        Append(text, "bootstrap_servers", kafka.BootstrapServers, defaults.BootstrapServers);
        Append(text, "topic", kafka.Topic, defaults.Topic);
        Append(text, "security", kafka.Security, defaults.Security);
        Append(text, "ca_file", kafka.CaFile, defaults.CaFile);
        Append(text, "certificate_file", kafka.CertificateFile, defaults.CertificateFile);
        Append(text, "key_file", kafka.KeyFile, defaults.KeyFile);
        Append(text, "tls_verify", kafka.TlsVerify);
        Append(text, "sasl_mechanism", kafka.SaslMechanism, defaults.SaslMechanism);
        Append(text, "username", kafka.Username, defaults.Username);
        Append(text, "password", kafka.Password, defaults.Password);
        if (kafka.Properties.Count > 0)
        {
            text.Append("\n[kafka.properties]\n");
            foreach ((string name, string value) in kafka.Properties)
            {
                Append(text, Quoted(name), value, "");
            }
        }

        text.Append("\n[postgres]\n");
        Append(text, "uri", postgres.Uri, "");
        Append(text, "password", postgres.Password, "");
        Append(text, "ca_file", postgres.CaFile, "");
        Append(text, "tls_verify", postgres.TlsVerify);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string key, string value, string standard)
    {
        if (!string.Equals(value, standard, StringComparison.Ordinal))
        {
            text.Append(key).Append(" = ").Append(Quoted(value)).Append('\n');
        }
    }

    private static void Append(StringBuilder text, string key, bool value)
    {
        if (!value)
        {
            text.Append(key).Append(" = false\n");
        }
    }

    /// <summary>A basic string of TOML.</summary>
    private static string Quoted(string value)
    {
        var text = new StringBuilder(value.Length + 2).Append('"');
        foreach (char character in value)
        {
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append(@"\\"),
                < ' ' or '\u007f' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}"),
                _ => text.Append(character),
            };
        }

        return text.Append('"').ToString();
    }
}
