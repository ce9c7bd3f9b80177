using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Hostwire.Configuration;
using Hostwire.Kafka;

namespace Hostwire.Tests.Kafka;

public sealed class TopicInspectorTests
{
    [Fact]
    public async Task Who_asks_while_the_client_ends_is_refused_and_asks_nobody()
    {
        using var broker = new EmbeddedBroker("otlp_metrics", partitions: 1);
        for (int round = 0; round < 20; round++)
        {
            IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = "test" }).Build();
            var inspector = new TopicInspector(consumer.Handle, new KafkaOptions { Topic = "otlp_metrics" });
            using var stop = new CancellationTokenSource();
            Task[] asking = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                while (true)
                {
                    // As the sink does, nobody waits for those that are under way when it is told to end.
                    Task<string> answer = inspector.TopicIdAsync(stop.Token);
                    await Task.WhenAny(answer, Task.Delay(1, TestContext.Current.CancellationToken));
                    if (answer.IsCanceled)
                    {
                        return;
                    }
                }
            }))];
            await Task.Delay(5 * round, TestContext.Current.CancellationToken);
            inspector.Dispose();
            consumer.Dispose();
            await Task.WhenAll(asking);
            await stop.CancelAsync();
        }
    }

    [Fact]
    public async Task The_cluster_is_the_one_that_the_broker_says_it_is()
    {
        using var broker = new EmbeddedBroker("otlp_metrics", partitions: 1);
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = "test" }).Build();
        using var inspector = new TopicInspector(consumer.Handle, new KafkaOptions { Topic = "otlp_metrics" });
        using IAdminClient admin = new DependentAdminClientBuilder(consumer.Handle).Build();

        PartitionFacts facts = await inspector.InspectAsync(new TopicPartition("otlp_metrics", 0), TestContext.Current.CancellationToken);

        DescribeClusterResult described = await admin.DescribeClusterAsync();
        Assert.NotEmpty(facts.ClusterId);
        Assert.Equal(described.ClusterId, facts.ClusterId, StringComparer.Ordinal);
    }
}
