using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hostwire.IntegrationTests.Kafka;

public sealed class TopicAdminTests(KafkaBroker broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Topic_is_made_once_with_the_brokers_clock_and_described_as_it_was_asked_for()
    {
        await broker.EnsureStartedAsync(Cancellation);
        using TopicAdmin admin = Admin(Plain(broker));
        var request = new TopicRequest { Partitions = 2, Replication = 1, Retention = TimeSpan.FromHours(36), Compression = "zstd", MinInSyncReplicas = 1 };

        Assert.Null(await admin.DescribeAsync(Cancellation));
        Assert.True(await admin.CreateAsync(request, Cancellation));
        Assert.False(await admin.CreateAsync(request, Cancellation));

        TopicState? topic = null;
        await Eventually.TrueAsync(async () => (topic = await admin.DescribeAsync(Cancellation)) is not null, "the topic to be seen", Cancellation);
        Assert.Equal([0, 1], topic!.Partitions.Select(partition => partition.Number).ToArray());
        Assert.Equal("129600000", topic.Settings!["retention.ms"]);
        Assert.Equal("LogAppendTime", topic.Settings["message.timestamp.type"]);
        Assert.Empty(topic.Differences(request));
        Assert.Empty(topic.Warnings());
        Assert.Equal(await broker.Client.TopicIdAsync(topic.Name), topic.Id);
        Assert.Equal([("partitions", "3", "2")], topic.Differences(request with { Partitions = 3 }).ToArray());
    }

    [Fact]
    public async Task More_replicas_than_brokers_are_refused_with_the_option_that_mends_it()
    {
        await broker.EnsureStartedAsync(Cancellation);
        using TopicAdmin admin = Admin(Plain(broker));
        UserException error = await Assert.ThrowsAsync<UserException>(() => admin.CreateAsync(new TopicRequest { Partitions = 1, Replication = 9 }, Cancellation));
        Assert.Contains("--replication", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_where_nobody_listens_is_named_within_seconds()
    {
        using TopicAdmin admin = Admin(new KafkaOptions { BootstrapServers = $"127.0.0.1:{FreePort.Next()}", Security = "plaintext" });
        UserException error = await Assert.ThrowsAsync<UserException>(() => admin.DescribeAsync(Cancellation));
        Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
        Assert.Contains("kafka.bootstrap_servers", error.Message, StringComparison.Ordinal);
    }

    private static KafkaOptions Plain(KafkaBroker broker) =>
        new() { BootstrapServers = broker.BootstrapServers, Security = "plaintext", Topic = $"test_{Guid.NewGuid():n}" };

    private static TopicAdmin Admin(KafkaOptions options) => new(options, NullLoggerFactory.Instance, TimeProvider.System);
}
