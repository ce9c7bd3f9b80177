using System.Globalization;
using Hostwire.Configuration;

namespace Hostwire.Kafka;

/// <summary>What section <c>[kafka]</c> amounts to, and what can be wrong with it.</summary>
public static class KafkaSettings
{
    /// <summary>The protocol the settings amount to: <c>ssl</c>, <c>sasl_ssl</c> or <c>plaintext</c>.</summary>
    public static string Security(KafkaOptions options) =>
        options.Security.Length > 0 ? options.Security : options.Username.Length > 0 ? "sasl_ssl" : "ssl";

    /// <summary>Everything that is wrong with the section, without a connection: contradictions, files, properties.</summary>
    public static IEnumerable<SettingProblem> Problems(KafkaOptions options)
    {
        IEnumerable<SettingProblem> problems = AddressProblems(options)
            .Concat(LoginProblems(options))
            .Concat(FileProblem("kafka.ca_file", options.CaFile, PemKind.Certificate))
            .Concat(FileProblem("kafka.certificate_file", options.CertificateFile, PemKind.Certificate))
            .Concat(FileProblem("kafka.key_file", options.KeyFile, PemKind.PrivateKey));
        foreach (SettingProblem problem in problems)
        {
            yield return problem;
        }

        foreach ((string name, string value) in options.Properties)
        {
            if ((KafkaProperties.Refusal(name) ?? LibrdkafkaProperties.Problem(name, Value(name, value))) is string problem)
            {
                yield return new SettingProblem($"kafka.properties.{name}", problem);
            }
        }
    }

    private static IEnumerable<SettingProblem> AddressProblems(KafkaOptions options)
    {
        foreach (string server in options.BootstrapServers.Split(',', StringSplitOptions.TrimEntries))
        {
            // librdkafka takes a protocol in front, and would add port 9092 where none is given, which is right for nobody's managed Kafka.
            string address = server[(server.IndexOf("://", StringComparison.Ordinal) is >= 0 and int scheme ? scheme + 3 : 0)..];
            int colon = address.LastIndexOf(':');
            if (options.BootstrapServers.Length > 0
                && (colon <= 0 || !ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0))
            {
                yield return new("kafka.bootstrap_servers", $"must be HOST:PORT, several separated by commas; \"{server}\" has no port{(colon <= 0 ? "" : " from 1 to 65535")}.");
            }
        }
    }

    private static IEnumerable<SettingProblem> LoginProblems(KafkaOptions options)
    {
        string security = Security(options);
        // Kerberos and OAuth name their users by properties of their own.
        bool otherLogin = options.Properties.Keys.Any(name => name.StartsWith("sasl.", StringComparison.Ordinal));
        if (security is not ("ssl" or "sasl_ssl" or "plaintext"))
        {
            yield return new("kafka.security", "must be ssl, sasl_ssl or plaintext.");
        }

        if (options.SaslMechanism is not ("SCRAM-SHA-256" or "SCRAM-SHA-512" or "PLAIN"))
        {
            yield return new("kafka.sasl_mechanism", "must be SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN; others go by name into [kafka.properties].");
        }

        if (options.Username.Length > 0 && security is ("ssl" or "plaintext"))
        {
            yield return new("kafka.security", $"is {security}, which has no user names: set it to sasl_ssl, or take kafka.username away.");
        }

        if (security is "sasl_ssl" && options.Username.Length == 0 && !otherLogin)
        {
            yield return new("kafka.username", "is not set, and kafka.security = sasl_ssl needs it: set the SASL user, and kafka.password.");
        }

        if (options.Username.Length > 0 && options.Password.Length == 0 && !otherLogin)
        {
            yield return new("kafka.password", $"is not set for the user {options.Username}: put it into HOSTWIRE_KAFKA_PASSWORD or the settings file.");
        }

        if (options.CertificateFile.Length > 0 && options.KeyFile.Length == 0)
        {
            yield return new("kafka.key_file", "is not set, and kafka.certificate_file needs its private key (Aiven: service.key).");
        }

        if (options.KeyFile.Length > 0 && options.CertificateFile.Length == 0)
        {
            yield return new("kafka.certificate_file", "is not set, and kafka.key_file needs its certificate (Aiven: service.cert).");
        }
    }

    private static IEnumerable<SettingProblem> FileProblem(string key, string path, PemKind kind) =>
        path.Length > 0 && FilePath.PemProblem(FilePath.Expand(path), kind) is string problem ? [new SettingProblem(key, problem)] : [];

    /// <summary>The value as librdkafka is to have it: a leading <c>~/</c> of a file expanded.</summary>
    public static string Value(string name, string value) => name.EndsWith(".location", StringComparison.Ordinal) ? FilePath.Expand(value) : value;
}
