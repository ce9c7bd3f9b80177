namespace Hostwire.Configuration;

/// <summary>How to reach Kafka: section <c>[kafka]</c>.</summary>
public sealed record KafkaOptions
{
    /// <summary><c>kafka.bootstrap_servers</c>: HOST:PORT, several separated by commas. Required by agent, sink and topic.</summary>
    public string BootstrapServers { get; init; } = "";

    /// <summary><c>kafka.topic</c>: where the metrics travel.</summary>
    public string Topic { get; init; } = "otlp_metrics";

    /// <summary><c>kafka.security</c>: <c>ssl</c>, <c>sasl_ssl</c> or <c>plaintext</c>. Empty: <c>sasl_ssl</c> where a user name is given, else <c>ssl</c>; never plaintext by itself.</summary>
    public string Security { get; init; } = "";

    /// <summary><c>kafka.ca_file</c>: the CA that signed the brokers' certificates (Aiven: <c>ca.pem</c>). Empty: the system's CAs.</summary>
    public string CaFile { get; init; } = "";

    /// <summary><c>kafka.certificate_file</c>: the client's certificate for mutual TLS (Aiven: <c>service.cert</c>).</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary><c>kafka.key_file</c>: the client's private key for mutual TLS (Aiven: <c>service.key</c>).</summary>
    public string KeyFile { get; init; } = "";

    /// <summary><c>kafka.tls_verify</c>: whether broker certificates and host names are verified. Only false switches it off.</summary>
    public bool TlsVerify { get; init; } = true;

    /// <summary><c>kafka.sasl_mechanism</c>: <c>SCRAM-SHA-256</c>, <c>SCRAM-SHA-512</c> or <c>PLAIN</c>.</summary>
    public string SaslMechanism { get; init; } = "SCRAM-SHA-256";

    /// <summary><c>kafka.username</c>: the SASL user.</summary>
    public string Username { get; init; } = "";

    /// <summary><c>kafka.password</c>: the SASL password; from environment or file only. Secret.</summary>
    public string Password { get; init; } = "";

    /// <summary><c>kafka.password_file</c>: a file that holds the password instead; read when the settings are, into <see cref="Password"/>.</summary>
    public string PasswordFile { get; init; } = "";

    /// <summary><c>[kafka.properties]</c>: any librdkafka property by its dotted name; wins over what Hostwire sets, but for the few that exactly-once stands on.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
