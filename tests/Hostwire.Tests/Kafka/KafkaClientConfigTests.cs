using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;
using Hostwire.Tests.Configuration;

namespace Hostwire.Tests.Kafka;

public sealed class KafkaClientConfigTests : IDisposable
{
    private const string Canary = "c4n4ry";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "", SecurityProtocol.Ssl)]
    [InlineData("", "user", SecurityProtocol.SaslSsl)]
    [InlineData("ssl", "", SecurityProtocol.Ssl)]
    [InlineData("sasl_ssl", "user", SecurityProtocol.SaslSsl)]
    [InlineData("plaintext", "", SecurityProtocol.Plaintext)]
    public void Plaintext_is_spoken_only_where_the_settings_say_plaintext(string security, string username, SecurityProtocol expected) =>
        Assert.Equal(expected, KafkaClientConfig.Producer(Options with { Security = security, Username = username, Password = "p" }).SecurityProtocol);

    [Fact]
    public void Certificates_and_host_names_are_verified()
    {
        ProducerConfig config = KafkaClientConfig.Producer(Options);

        Assert.True(config.EnableSslCertificateVerification);
        Assert.Equal(SslEndpointIdentificationAlgorithm.Https, config.SslEndpointIdentificationAlgorithm);
    }

    [Fact]
    public void Only_tls_verify_false_switches_verification_off()
    {
        ProducerConfig config = KafkaClientConfig.Producer(Options with { TlsVerify = false });

        Assert.False(config.EnableSslCertificateVerification);
        Assert.Equal(SslEndpointIdentificationAlgorithm.None, config.SslEndpointIdentificationAlgorithm);
        Assert.Equal(SecurityProtocol.Ssl, config.SecurityProtocol);
    }

    [Fact]
    public void Mutual_TLS_takes_the_three_files_that_Aiven_gives()
    {
        ConsumerConfig config = KafkaClientConfig.Consumer(
            Options with
            {
                CaFile = _folder.Write("ca.pem", TemporaryFolder.Certificate),
                CertificateFile = _folder.Write("service.cert", TemporaryFolder.Certificate),
                KeyFile = _folder.Write("service.key", TemporaryFolder.PrivateKey),
            },
            "group");

        Assert.Equal(
            ($"{_folder.Path}/ca.pem", $"{_folder.Path}/service.cert", $"{_folder.Path}/service.key"),
            (config.SslCaLocation, config.SslCertificateLocation, config.SslKeyLocation));
    }

    [Theory]
    [InlineData("SCRAM-SHA-256", SaslMechanism.ScramSha256)]
    [InlineData("SCRAM-SHA-512", SaslMechanism.ScramSha512)]
    [InlineData("PLAIN", SaslMechanism.Plain)]
    public void Passwords_go_by_the_mechanism_of_the_settings(string name, SaslMechanism expected)
    {
        AdminClientConfig config = KafkaClientConfig.Admin(Options with { Username = "u", Password = "p", SaslMechanism = name });

        Assert.Equal((expected, "u", "p"), (config.SaslMechanism!.Value, config.SaslUsername, config.SaslPassword));
    }

    [Fact]
    public void The_producer_stands_on_idempotence_and_gives_no_record_up()
    {
        ProducerConfig config = KafkaClientConfig.Producer(Options);

        Assert.Equal((Acks.All, true, 0, Partitioner.Murmur2Random), (config.Acks!.Value, config.EnableIdempotence!.Value, config.MessageTimeoutMs!.Value, config.Partitioner!.Value));
    }

    [Fact]
    public void The_consumer_commits_and_resets_nothing_by_itself()
    {
        ConsumerConfig config = KafkaClientConfig.Consumer(Options, "mine");

        Assert.Equal(("mine", false, false, AutoOffsetReset.Error), (config.GroupId, config.EnableAutoCommit!.Value, config.EnableAutoOffsetStore!.Value, config.AutoOffsetReset!.Value));
    }

    [Fact]
    public void A_property_wins_over_what_Hostwire_sets_also_by_its_other_name()
    {
        Dictionary<string, string> properties = new(StringComparer.Ordinal)
        {
            ["compression.codec"] = "lz4", ["socket.keepalive.enable"] = "false", ["ssl.ca.location"] = "~/ca.pem",
        };

        using IProducer<Null, Null> producer = Build(Options with { Security = "plaintext", Properties = properties }, out ProducerConfig config);

        Assert.Equal("false", config.Get("socket.keepalive.enable"));
        Assert.Equal("compression.codec", config.Select(property => property.Key).Last(name => name.StartsWith("compression.", StringComparison.Ordinal)));
        Assert.DoesNotContain('~', config.Get("ssl.ca.location"));
    }

    [Theory]
    [InlineData("enable.idempotence", "false", "stays true")]
    [InlineData("acks", "1", "stays all")]
    [InlineData("request.required.acks", "1", "stays all")]
    [InlineData("message.timeout.ms", "300000", "stays 0")]
    [InlineData("delivery.timeout.ms", "300000", "stays 0")]
    [InlineData("enable.auto.commit", "false", "stays true")]
    [InlineData("enable.auto.offset.store", "true", "stays false")]
    [InlineData("auto.offset.reset", "latest", "stays error")]
    [InlineData("enable.partition.eof", "true", "stays false")]
    [InlineData("partition.assignment.strategy", "range", "stays cooperative-sticky")]
    [InlineData("queue.buffering.max.messages", "10", "agent.spool_max_bytes")]
    [InlineData("queue.buffering.max.kbytes", "10", "agent.spool_max_bytes")]
    [InlineData("isolation.level", "read_uncommitted", "stays read_committed")]
    [InlineData("transactional.id", "x", "uses no transactions")]
    [InlineData("delivery.report.only.error", "true", "stays false")]
    [InlineData("group.id", "x", "sink.group")]
    [InlineData("bootstrap.servers", "x:1", "kafka.bootstrap_servers")]
    [InlineData("dotnet.producer.enable.delivery.reports", "false", "client library")]
    [InlineData("linger.mss", "5", "Did you mean linger.ms?")]
    [InlineData("ssl.ca.locatoin", "/x", "Did you mean ssl.ca.location?")]
    [InlineData("no.such.thing.at.all", "5", "is not a property of librdkafka.")]
    [InlineData("linger.ms", "soon", "refused by librdkafka")]
    [InlineData("security.protocol", "tls", "refused by librdkafka")]
    public void A_property_that_cannot_be_set_is_named_with_the_reason(string name, string value, string expected)
    {
        var error = Assert.Throws<UserException>(() => KafkaClientConfig.Producer(Options with { Properties = new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value } }));

        Assert.StartsWith($"kafka.properties.{name} ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, error.ExitCode);
    }

    [Theory]
    [InlineData("sasl.password")]
    [InlineData("ssl.key.pem")]
    [InlineData("ssl.key.password")]
    [InlineData("ssl.keystore.password")]
    [InlineData("sasl.oauthbearer.config")]
    [InlineData("sasl.oauthbearer.client.secret")]
    public void Secret_properties_are_known_as_such(string name) => Assert.True(KafkaProperties.IsSecret(name));

    [Theory]
    [InlineData("ssl.key.location")]
    [InlineData("sasl.username")]
    [InlineData("linger.ms")]
    public void Other_properties_may_be_shown(string name) => Assert.False(KafkaProperties.IsSecret(name));

    [Fact]
    public void Everything_wrong_is_said_at_once_with_key_and_file_and_no_password()
    {
        KafkaOptions options = Options with
        {
            Security = "tls", SaslMechanism = "GSSAPI", Username = "u", Password = Canary, CaFile = "/nowhere/ca.pem", KeyFile = _folder.Write("k", "junk"),
        };

        string[] keys = [.. KafkaSettings.Problems(options).Select(problem => problem.Key)];
        var error = Assert.Throws<UserException>(() => KafkaClientConfig.Producer(options));

        Assert.Equal(["kafka.security", "kafka.sasl_mechanism", "kafka.certificate_file", "kafka.ca_file", "kafka.key_file"], keys);
        Assert.Contains("/nowhere/ca.pem", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ssl", "u", "p", "kafka.security")]
    [InlineData("plaintext", "u", "p", "kafka.security")]
    [InlineData("sasl_ssl", "", "", "kafka.username")]
    [InlineData("", "u", "", "kafka.password")]
    public void Contradictions_are_refused(string security, string username, string password, string key) =>
        Assert.Equal([key], KafkaSettings.Problems(Options with { Security = security, Username = username, Password = password }).Select(problem => problem.Key), StringComparer.Ordinal);

    [Theory]
    [InlineData("a:1, ssl://b:2,[::1]:3")]
    [InlineData("a", "\"a\" has no port.")]
    [InlineData("a:1,b", "\"b\" has no port.")]
    [InlineData("a:0,b:65536,c:x", "\"a:0\" has no port from 1 to 65535.", "\"b:65536\" has no port from 1 to 65535.", "\"c:x\" has no port from 1 to 65535.")]
    public void Every_server_needs_a_port(string servers, params string[] problems) => Assert.Equal(
        problems.Select(problem => $"must be HOST:PORT, several separated by commas; {problem}"), KafkaSettings.Problems(Options with { BootstrapServers = servers }).Select(problem => problem.Message), StringComparer.Ordinal);

    [Fact]
    public void Without_a_server_there_is_nothing_to_connect_to() =>
        Assert.Contains("HOSTWIRE_KAFKA_BOOTSTRAP_SERVERS", Assert.Throws<UserException>(() => KafkaClientConfig.Admin(new())).Message, StringComparison.Ordinal);

    [Fact]
    public void Librdkafka_takes_what_is_made_for_each_kind_of_client()
    {
        KafkaOptions options = Options with { Username = "u", Password = "p" };
        using IProducer<Null, Null> producer = Build(options, out _);
        using IConsumer<Ignore, Ignore> consumer = new ConsumerBuilder<Ignore, Ignore>(KafkaClientConfig.Consumer(options, "g")).SetLogHandler((_, _) => { }).Build();
        using IAdminClient admin = new AdminClientBuilder(KafkaClientConfig.Admin(options)).SetLogHandler((_, _) => { }).Build();

        Assert.StartsWith("hostwire-agent", producer.Name, StringComparison.Ordinal);
        Assert.StartsWith("hostwire-sink", consumer.Name, StringComparison.Ordinal);
        Assert.StartsWith("hostwire#", admin.Name, StringComparison.Ordinal);
    }

    // Port 1 of the loopback address: nothing listens there, and nothing is sent.
    private static KafkaOptions Options { get; } = new() { BootstrapServers = "127.0.0.1:1" };

    private static IProducer<Null, Null> Build(KafkaOptions options, out ProducerConfig config)
    {
        config = KafkaClientConfig.Producer(options);
        return new ProducerBuilder<Null, Null>(config).SetLogHandler((_, _) => { }).Build();
    }
}
