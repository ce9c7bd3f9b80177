using Hostwire.Configuration;
using Hostwire.Up;

namespace Hostwire.Tests.Up;

public sealed class UpSettingsTests
{
    [Theory]
    [InlineData("localhost:9092", "plaintext")]
    [InlineData("127.0.0.1:9092", "plaintext")]
    [InlineData("127.0.0.2:9092, localhost:9093", "plaintext")]
    [InlineData("[::1]:9092", "plaintext")]
    [InlineData("kafka.example.org:9092", "")]
    [InlineData("localhost:9092,kafka.example.org:9092", "")]
    [InlineData("localhost.example.org:9092", "")]
    [InlineData("10.0.0.1:9092", "")]
    public void Only_a_broker_on_this_machine_goes_without_tls_by_itself(string servers, string security)
    {
        KafkaOptions kafka = UpSettings.RealKafka(new KafkaOptions { BootstrapServers = "from.settings:1" }, servers);
        Assert.Equal((servers, security), (kafka.BootstrapServers, kafka.Security));
    }

    [Theory]
    [InlineData("ssl", "", "", "ssl")]
    [InlineData("plaintext", "", "", "plaintext")]
    [InlineData("", "ada", "", "")]
    [InlineData("", "", "service.cert", "")]
    public void What_the_settings_say_of_security_stands(string security, string username, string certificate, string expected) => Assert.Equal(
        expected,
        UpSettings.RealKafka(new KafkaOptions { Security = security, Username = username, CertificateFile = certificate }, "localhost:9092").Security);

    [Fact]
    public void The_embedded_broker_gets_no_login_but_the_topic_and_the_clients_properties()
    {
        var settings = new KafkaOptions
        {
            Topic = "other",
            Username = "ada",
            Password = "secret",
            CaFile = "ca.pem",
            Properties = new Dictionary<string, string>(StringComparer.Ordinal) { ["linger.ms"] = "5" },
        };
        KafkaOptions kafka = UpSettings.EmbeddedKafka(settings, "127.0.0.1:1");
        Assert.Equal(("127.0.0.1:1", "other", "plaintext", "", "", ""), (kafka.BootstrapServers, kafka.Topic, kafka.Security, kafka.Username, kafka.Password, kafka.CaFile));
        Assert.Equal("5", Assert.Single(kafka.Properties).Value);
    }

    [Theory]
    [InlineData("linger.ms", "50")]
    [InlineData("fetch.wait.max.ms", "7")]
    public void The_sink_does_not_wait_long_for_the_embedded_broker_unless_told_to(string property, string wait)
    {
        var settings = new KafkaOptions { Properties = new Dictionary<string, string>(StringComparer.Ordinal) { [property] = "7" } };
        IReadOnlyDictionary<string, string> properties = UpSettings.SinkKafka(settings).Properties;
        Assert.Equal(("7", wait), (properties[property], properties["fetch.wait.max.ms"]));
    }
}
