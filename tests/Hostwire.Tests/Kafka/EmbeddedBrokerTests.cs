using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hostwire.Tests.Kafka;

public sealed class EmbeddedBrokerTests
{
    [Fact]
    public async Task Two_brokers_listen_on_loopback_and_differ_in_cluster_and_topic_id()
    {
        using var first = new EmbeddedBroker("otlp_metrics", partitions: 3);
        using var second = new EmbeddedBroker("otlp_metrics", partitions: 3);

        Assert.StartsWith("127.0.0.1:", first.BootstrapServers, StringComparison.Ordinal);
        Assert.NotEqual(first.BootstrapServers, second.BootstrapServers, StringComparer.Ordinal);
        (string firstCluster, TopicDescription firstTopic) = await DescribeAsync(first);
        (string secondCluster, TopicDescription secondTopic) = await DescribeAsync(second);
        Assert.NotEqual(firstCluster, secondCluster, StringComparer.Ordinal);
        Assert.NotEqual(firstTopic.TopicId.ToString(), secondTopic.TopicId.ToString(), StringComparer.Ordinal);
        Assert.Equal(3, firstTopic.Partitions.Count);
    }

    [Fact]
    public async Task An_idempotent_producer_and_a_group_member_agree_on_the_records()
    {
        using var broker = new EmbeddedBroker("otlp_metrics", partitions: 1);
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            EnableIdempotence = true,
            CompressionType = CompressionType.Zstd,
        }).Build();
        for (byte number = 0; number < 10; number++)
        {
            await producer.ProduceAsync("otlp_metrics", new Message<byte[], byte[]> { Value = [number] }, TestContext.Current.CancellationToken);
        }

        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = "test",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
        }).Build();
        consumer.Subscribe("otlp_metrics");
        var values = new List<int>();
        while (values.Count < 10)
        {
            values.Add(consumer.Consume(TestContext.Current.CancellationToken).Message.Value[0]);
        }

        consumer.Commit([new TopicPartitionOffset("otlp_metrics", 0, 10)]);
        Assert.Equal(Enumerable.Range(0, 10), values);
        Assert.Equal(10, consumer.Committed([new TopicPartition("otlp_metrics", 0)], TimeSpan.FromSeconds(10))[0].Offset.Value);
        consumer.Close();
    }

    [Fact]
    public async Task A_topic_cannot_be_made_on_it_and_the_message_says_why()
    {
        using var broker = new EmbeddedBroker("otlp_metrics", partitions: 1);
        using var admin = new TopicAdmin(new KafkaOptions { BootstrapServers = broker.BootstrapServers, Security = "plaintext" }, NullLoggerFactory.Instance, TimeProvider.System);

        var refused = await Assert.ThrowsAsync<UserException>(() => admin.CreateAsync(new TopicRequest { Partitions = 1 }, TestContext.Current.CancellationToken));
        Assert.Contains("embedded broker of `hostwire up`", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_listens_any_more_after_dispose()
    {
        var broker = new EmbeddedBroker("otlp_metrics", partitions: 1);
        int port = int.Parse(broker.BootstrapServers.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        using (var open = new System.Net.Sockets.TcpClient("127.0.0.1", port))
        {
            Assert.True(open.Connected);
        }

        broker.Dispose();
        broker.Dispose();
        Assert.ThrowsAny<System.Net.Sockets.SocketException>(() => new System.Net.Sockets.TcpClient("127.0.0.1", port).Dispose());
    }

    private static async Task<(string ClusterId, TopicDescription Topic)> DescribeAsync(EmbeddedBroker broker)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        DescribeClusterResult cluster = await admin.DescribeClusterAsync();
        DescribeTopicsResult topics = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(["otlp_metrics"]));
        return (cluster.ClusterId, Assert.Single(topics.TopicDescriptions));
    }
}
