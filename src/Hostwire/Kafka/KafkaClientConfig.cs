using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;

namespace Hostwire.Kafka;

/// <summary>
/// Makes Confluent.Kafka's settings from section <c>[kafka]</c>. TLS is on and verified unless the settings say otherwise in so many words, and what
/// exactly-once stands on is fixed. What can be wrong is found by <see cref="KafkaSettings.Problems"/>, before any client is made.
/// </summary>
public static class KafkaClientConfig
{
    /// <summary>For a producer: idempotent, acknowledged by all replicas, without a time at which a record is given up; the key's hash is Java's.</summary>
    /// <exception cref="UserException">A setting is wrong, or a file it names cannot be read.</exception>
    public static ProducerConfig Producer(KafkaOptions options)
    {
        Check(options);
        var config = new ProducerConfig
        {
            ClientId = "hostwire-agent",
            Acks = Acks.All,
            EnableIdempotence = true,
            MessageTimeoutMs = 0,
            // So that Java, Go and librdkafka put a host on the same partition.
            Partitioner = Partitioner.Murmur2Random,
            // Measured on single scrapes: zstd saves a quarter of the bytes and costs the sink five times the CPU to read.
            CompressionType = CompressionType.Lz4,
        };
        Connect(config, options);
        return config;
    }

    /// <summary>For a member of a consumer group that keeps its offsets itself: nothing is committed, stored or reset behind its back.</summary>
    /// <exception cref="UserException">A setting is wrong, or a file it names cannot be read.</exception>
    public static ConsumerConfig Consumer(KafkaOptions options, string group)
    {
        Check(options);
        var config = new ConsumerConfig
        {
            ClientId = "hostwire-sink",
            GroupId = group,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Error,
            IsolationLevel = IsolationLevel.ReadCommitted,
            // What is fetched ahead and not yet decoded; the default of 64 MiB a client is more than a whole sink needs.
            QueuedMaxMessagesKbytes = 16 * 1024,
            // Once that is full the client asks for more only after this time. At its default of a second a sink that catches up waits for nine tenths of its time.
            FetchQueueBackoffMs = 5,
        };
        Connect(config, options);
        return config;
    }

    /// <summary>For topic administration and metadata.</summary>
    /// <exception cref="UserException">A setting is wrong, or a file it names cannot be read.</exception>
    public static AdminClientConfig Admin(KafkaOptions options)
    {
        Check(options);
        var config = new AdminClientConfig { ClientId = "hostwire" };
        Connect(config, options);
        return config;
    }

    private static void Check(KafkaOptions options)
    {
        if (options.BootstrapServers.Length == 0)
        {
            throw new UserException(
                "kafka.bootstrap_servers is not set: put HOST:PORT of your Kafka there, or into HOSTWIRE_KAFKA_BOOTSTRAP_SERVERS.", ExitCode.Usage);
        }

        SettingProblem[] problems = [.. KafkaSettings.Problems(options)];
        if (problems.Length > 0)
        {
            throw new UserException(string.Join(' ', problems), ExitCode.Usage);
        }
    }

    private static void Connect(ClientConfig config, KafkaOptions options)
    {
        string security = KafkaSettings.Security(options);
        config.BootstrapServers = options.BootstrapServers;
        config.SecurityProtocol = security switch
        {
            "plaintext" => SecurityProtocol.Plaintext,
            "sasl_ssl" => SecurityProtocol.SaslSsl,
            _ => SecurityProtocol.Ssl,
        };
        config.SocketKeepaliveEnable = true;
        // Brokers hang up on idle clients every ten minutes; that is no event.
        config.LogConnectionClose = false;
        if (security is not "plaintext")
        {
            Secure(config, options);
        }

        if (security is "sasl_ssl")
        {
            config.Set("sasl.mechanism", options.SaslMechanism);
            SetIfGiven(config, "sasl.username", options.Username);
            SetIfGiven(config, "sasl.password", options.Password);
        }

        foreach ((string name, string value) in options.Properties)
        {
            config.Set(name, KafkaSettings.Value(name, value));
        }
    }

    private static void Secure(ClientConfig config, KafkaOptions options)
    {
        SetIfGiven(config, "ssl.ca.location", FilePath.Expand(options.CaFile));
        SetIfGiven(config, "ssl.certificate.location", FilePath.Expand(options.CertificateFile));
        SetIfGiven(config, "ssl.key.location", FilePath.Expand(options.KeyFile));
        config.EnableSslCertificateVerification = options.TlsVerify;
        config.SslEndpointIdentificationAlgorithm = options.TlsVerify ? SslEndpointIdentificationAlgorithm.Https : SslEndpointIdentificationAlgorithm.None;
    }

    private static void SetIfGiven(ClientConfig config, string name, string value)
    {
        if (value.Length > 0)
        {
            config.Set(name, value);
        }
    }
}
