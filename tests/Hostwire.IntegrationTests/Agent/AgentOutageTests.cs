using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Hostwire.Configuration;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Agent;

/// <summary>Whatever becomes of the broker or of this user's rights, every scrape arrives, once and in order.</summary>
public sealed class AgentOutageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Broker_that_freezes_is_killed_and_comes_back_costs_nothing()
    {
        await using KafkaBroker broker = KafkaBroker.CreateOwn();
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancellation);
        await using var agent = new RunningAgent(new KafkaOptions { BootstrapServers = broker.BootstrapServers, Security = "plaintext", Topic = topic });
        await agent.AcknowledgedAsync(2);

        broker.Signal(UnixSignal.Stop);
        await agent.WaitingAsync(3);
        broker.Signal(UnixSignal.Continue);
        await agent.AcknowledgedAsync(agent.Counters.ScrapesTaken);

        await broker.KillAsync(Cancellation);
        await agent.WaitingAsync(3);
        await agent.LoggedAsync("cannot be reached");
        await broker.StartAsync(Cancellation);
        await agent.LoggedAsync("Kafka takes records again");
        await agent.AcknowledgedAsync(agent.Counters.ScrapesTaken);
        await AgentServiceTests.AssertNothingLostAsync(broker, topic, agent);
    }

    [Fact]
    public async Task Right_to_write_that_is_withdrawn_and_given_back_costs_nothing()
    {
        await using KafkaBroker broker = KafkaBroker.CreateOwn(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["authorizer.class.name"] = "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            ["super.users"] = "User:ANONYMOUS",
        });
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancellation);
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        AclBinding write = MayWrite(topic);

        await using var agent = new RunningAgent(new KafkaOptions
        {
            BootstrapServers = broker.SaslBootstrapServers,
            CaFile = $"{broker.TlsDirectory}/ca.pem",
            Username = KafkaBroker.User,
            Password = broker.Password,
            Topic = topic,
        });
        await agent.LoggedAsync("grant it Write");
        await agent.WaitingAsync(2);
        await admin.CreateAclsAsync([write]);
        await agent.LoggedAsync("Kafka takes records again");
        await agent.AcknowledgedAsync(3);

        await admin.DeleteAclsAsync([write.ToFilter()]);
        await agent.WaitingAsync(3);
        await admin.CreateAclsAsync([write]);
        await agent.AcknowledgedAsync(agent.Counters.ScrapesTaken);
        await AgentServiceTests.AssertNothingLostAsync(broker, topic, agent);
    }

    private static AclBinding MayWrite(string topic) => KafkaRight.Of(KafkaBroker.User, AclOperation.Write, ResourceType.Topic, topic);
}
