using System.Text;
using Confluent.Kafka;

namespace Hostwire.IntegrationTests.Rig;

public sealed class KafkaBrokerTests(KafkaBroker shared)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Raw_records_come_back_with_partition_and_null_key_and_deleted_ones_do_not()
    {
        string topic = await shared.CreateTopicAsync(partitions: 2, cancellationToken: Cancellation);
        RawRecord[] records = [new("a"u8.ToArray(), Partition: 1), new("b"u8.ToArray(), Key: "k"u8.ToArray(), Partition: 1), new("c"u8.ToArray(), Partition: 0)];
        await shared.Client.ProduceAsync(topic, records, Cancellation);
        Assert.Equal(["0/0 - c", "1/0 - a", "1/1 k b"], await ReadAsync(topic));
        Assert.Equal([1, 2], await shared.Client.EndOffsetsAsync(topic, Cancellation));
        await shared.Client.DeleteRecordsAsync(topic, partition: 1, offset: 1);
        Assert.Equal(["0/0 - c", "1/1 k b"], await ReadAsync(topic));
    }

    [Fact]
    public async Task A_topic_made_again_has_another_id()
    {
        string topic = await shared.CreateTopicAsync(cancellationToken: Cancellation);
        string id = await shared.Client.TopicIdAsync(topic);
        await shared.Client.DeleteTopicAsync(topic);
        await shared.Client.CreateTopicAsync(topic);
        Assert.NotEqual(id, await shared.Client.TopicIdAsync(topic), StringComparer.Ordinal);
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill_of_the_broker()
    {
        await using var broker = KafkaBroker.CreateOwn();
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancellation);
        await broker.Client.ProduceAsync(topic, [new("a"u8.ToArray())], Cancellation);
        await broker.KillAsync(Cancellation);
        await broker.StartAsync(Cancellation);
        Assert.Single(await broker.Client.ConsumeAllAsync(topic, Cancellation));
    }

    private async Task<string[]> ReadAsync(string topic)
    {
        IReadOnlyList<ConsumeResult<byte[], byte[]>> records = await shared.Client.ConsumeAllAsync(topic, Cancellation);
        return [.. records.Select(record =>
            $"{record.Partition.Value}/{record.Offset} {(record.Message.Key is { } key ? Encoding.UTF8.GetString(key) : "-")} {Encoding.UTF8.GetString(record.Message.Value)}")];
    }
}
