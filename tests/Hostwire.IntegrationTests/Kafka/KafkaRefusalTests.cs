using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hostwire.IntegrationTests.Kafka;

/// <summary>Whatever a broker set up as Aiven's refuses, the message names the setting or the right that mends it.</summary>
public sealed class KafkaRefusalTests(TlsRig rig) : IClassFixture<TlsRig>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Tls => rig.Kafka.TlsDirectory;

    [Fact]
    public async Task Wrong_ca_names_the_file() =>
        await AssertRefusedAsync(() => MutualTls() with { CaFile = $"{Tls}/other-ca.pem" }, "is not trusted", "kafka.ca_file", "other-ca.pem");

    [Theory]
    [InlineData("other")]
    [InlineData("expired")]
    public async Task Client_certificate_that_the_broker_refuses_is_named(string name) =>
        await AssertRefusedAsync(() => MutualTls() with { CertificateFile = $"{Tls}/{name}.cert", KeyFile = $"{Tls}/{name}.key" }, "wants a client's certificate", $"{name}.cert");

    [Fact]
    public async Task Missing_client_certificate_names_the_settings() =>
        await AssertRefusedAsync(() => MutualTls() with { CertificateFile = "", KeyFile = "" }, "kafka.certificate_file is not set", "kafka.key_file");

    [Fact]
    public async Task Wrong_password_names_user_and_mechanism_and_shows_no_password() =>
        await AssertRefusedAsync(() => Sasl() with { Password = "hunter2" }, "refused the login of user avnadmin by SCRAM-SHA-256", "kafka.password");

    [Fact]
    public async Task Tls_to_a_plain_port_names_the_setting() =>
        await AssertRefusedAsync(() => MutualTls() with { BootstrapServers = rig.Kafka.BootstrapServers }, "kafka.security");

    [Fact]
    public async Task No_tls_to_a_port_for_tls_names_the_setting() =>
        await AssertRefusedAsync(() => new KafkaOptions { BootstrapServers = rig.Kafka.TlsBootstrapServers, Security = "plaintext" }, "kafka.security");

    [Fact]
    public async Task Right_settings_are_let_in()
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);
        foreach (KafkaOptions options in (KafkaOptions[])[MutualTls(), Sasl()])
        {
            using TopicAdmin admin = Admin(options);
            Assert.Null(await admin.DescribeAsync(Cancellation));
        }
    }

    private KafkaOptions MutualTls() => new()
    {
        BootstrapServers = rig.Kafka.TlsBootstrapServers,
        CaFile = $"{Tls}/ca.pem",
        CertificateFile = $"{Tls}/service.cert",
        KeyFile = $"{Tls}/service.key",
        Topic = "absent",
    };

    private KafkaOptions Sasl() => new()
    {
        BootstrapServers = rig.Kafka.SaslBootstrapServers,
        CaFile = $"{Tls}/ca.pem",
        Username = KafkaBroker.User,
        Password = rig.Kafka.Password,
        Topic = "absent",
    };

    private async Task AssertRefusedAsync(Func<KafkaOptions> options, params string[] words)
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);
        using TopicAdmin admin = Admin(options());
        UserException error = await Assert.ThrowsAsync<UserException>(() => admin.DescribeAsync(Cancellation));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    private static TopicAdmin Admin(KafkaOptions options) => new(options, NullLoggerFactory.Instance, TimeProvider.System);
}
