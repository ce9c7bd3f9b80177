using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hostwire.IntegrationTests.Kafka;

/// <summary>A user without rights, on a broker that asks for them.</summary>
public sealed class KafkaRightsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task User_without_rights_is_told_which_to_ask_for()
    {
        await using KafkaBroker broker = BrokerWithRights();
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancellation);
        var options = new KafkaOptions
        {
            BootstrapServers = broker.SaslBootstrapServers,
            CaFile = $"{broker.TlsDirectory}/ca.pem",
            Username = KafkaBroker.User,
            Password = broker.Password,
            Topic = topic,
        };
        using (var admin = new TopicAdmin(options, NullLoggerFactory.Instance, TimeProvider.System))
        {
            UserException refused = await Assert.ThrowsAsync<UserException>(() => admin.DescribeAsync(Cancellation));
            Assert.Contains("grant it Describe", refused.Message, StringComparison.Ordinal);
        }

        using (var admin = new TopicAdmin(options with { Topic = "another" }, NullLoggerFactory.Instance, TimeProvider.System))
        {
            UserException refused = await Assert.ThrowsAsync<UserException>(() => admin.CreateAsync(new TopicRequest { Partitions = 1 }, Cancellation));
            Assert.Contains("grant it Create (Aiven: an ACL with permission admin)", refused.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>One that lets in everybody on the plain port, as the tests' own client, and asks all others for their rights.</summary>
    private static KafkaBroker BrokerWithRights() => KafkaBroker.CreateOwn(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["authorizer.class.name"] = "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        ["super.users"] = "User:ANONYMOUS",
    });
}
