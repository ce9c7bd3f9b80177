using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Hostwire.Kafka;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>What tests do to a broker beside the product: topics, raw records, groups. Speaks without TLS.</summary>
public sealed class KafkaClient : IDisposable
{
    private readonly string _bootstrapServers;
    private readonly IAdminClient _admin;
    private readonly Lazy<IProducer<byte[], byte[]>> _producer;

    /// <summary>Connects when first used.</summary>
    public KafkaClient(string bootstrapServers)
    {
        _bootstrapServers = bootstrapServers;
        _admin = new AdminClientBuilder(Configure(new AdminClientConfig())).SetLogHandler((_, _) => { }).Build();
        _producer = new(() => new ProducerBuilder<byte[], byte[]>(Configure(new ProducerConfig { EnableIdempotence = true, LingerMs = 5, MessageMaxBytes = 64 << 20 }))
            .SetLogHandler((_, _) => { })
            .Build());
    }

    /// <summary>Waits until the broker answers and knows itself.</summary>
    public Task WaitUntilReadyAsync(CancellationToken cancellationToken = default) => Eventually.TrueAsync(
        () => Task.Run(
            () =>
            {
                try
                {
                    // Not DescribeCluster: librdkafka takes an answer without brokers for an impossibility, and ends the process.
                    return _admin.GetMetadata(ChildProcess.Deadline).Brokers.Count > 0;
                }
                catch (KafkaException error) when (error.Error.IsLocalError)
                {
                    // Asked on a connection to the broker that was killed, or on one that a busy machine was too slow for.
                    return false;
                }
            },
            cancellationToken),
        "the broker to answer",
        cancellationToken);

    /// <summary>Makes a topic and waits until it can be used.</summary>
    public async Task CreateTopicAsync(string topic, int partitions = 1, Dictionary<string, string>? config = null)
    {
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await _admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = config ?? [] }]);
                    return true;
                }
                catch (CreateTopicsException error) when (error.Results.All(result => result.Error.Code is ErrorCode.InvalidReplicationFactor))
                {
                    // On a busy machine the broker is late with its word to the controller, which then knows of none for the moment.
                    return false;
                }
            },
            $"a broker to make topic {topic} on");
        await Eventually.TrueAsync(
            () => Task.FromResult(_admin.GetMetadata(topic, ChildProcess.Deadline).Topics is [{ Error.IsError: false } made] && made.Partitions.Count == partitions),
            $"topic {topic} to appear");
    }

    /// <summary>Removes a topic and waits until it is gone, so that one of the same name can be made.</summary>
    public async Task DeleteTopicAsync(string topic)
    {
        await _admin.DeleteTopicsAsync([topic]);
        await Eventually.TrueAsync(
            () => Task.FromResult(_admin.GetMetadata(ChildProcess.Deadline).Topics.All(known => !string.Equals(known.Topic, topic, StringComparison.Ordinal))), $"topic {topic} to be gone");
    }

    /// <summary>The topic's id, another one each time a topic of that name is made.</summary>
    public Task<string> TopicIdAsync(string topic) => TopicQuestion.IdAsync(_admin.Handle, topic, ChildProcess.Deadline);

    /// <summary>Changes one of the topic's settings; null takes it back to the broker's default.</summary>
    public Task AlterTopicAsync(string topic, string name, string? value) => _admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
    {
        [new ConfigResource { Type = ResourceType.Topic, Name = topic }] =
            [new ConfigEntry { Name = name, Value = value, IncrementalOperation = value is null ? AlterConfigOpType.Delete : AlterConfigOpType.Set }],
    });

    /// <summary>Adds partitions until there are <paramref name="partitions"/>.</summary>
    public Task AddPartitionsAsync(string topic, int partitions) =>
        _admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = partitions }]);

    /// <summary>Writes records in their order; returns where they lie once the broker has them all.</summary>
    public async Task<IReadOnlyList<TopicPartitionOffset>> ProduceAsync(string topic, IEnumerable<RawRecord> records, CancellationToken cancellationToken = default)
    {
        var reports = new List<Task<DeliveryResult<byte[], byte[]>>>();
        foreach (RawRecord record in records)
        {
            var message = new Message<byte[], byte[]> { Key = record.Key!, Value = record.Value };
            message.Timestamp = record.TimeMillis is { } millis ? new Timestamp(millis, TimestampType.CreateTime) : message.Timestamp;
            reports.Add(_producer.Value.ProduceAsync(new TopicPartition(topic, record.Partition ?? Partition.Any), message, cancellationToken));
        }

        DeliveryResult<byte[], byte[]>[] delivered = await Task.WhenAll(reports);
        return [.. delivered.Select(report => report.TopicPartitionOffset)];
    }

    /// <summary>Writes records compressed, all of them in one batch or a few.</summary>
    public async Task ProduceCompressedAsync(string topic, CompressionType type, IEnumerable<RawRecord> records, CancellationToken cancellationToken = default)
    {
        ProducerConfig config = Configure(new ProducerConfig { EnableIdempotence = true, LingerMs = 50, CompressionType = type, MessageMaxBytes = 1_000_000_000, QueueBufferingMaxKbytes = 2_000_000 });
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
        await Task.WhenAll(records.Select(record => producer.ProduceAsync(topic, new Message<byte[], byte[]> { Key = record.Key!, Value = record.Value }, cancellationToken)));
    }

    /// <summary>Every record on the topic now, by partition and offset.</summary>
    public Task<IReadOnlyList<ConsumeResult<byte[], byte[]>>> ConsumeAllAsync(string topic, CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<ConsumeResult<byte[], byte[]>>>(() => ConsumeAll(topic, cancellationToken), cancellationToken);

    /// <summary>The offset behind the last record of each partition.</summary>
    public Task<IReadOnlyList<long>> EndOffsetsAsync(string topic, CancellationToken cancellationToken = default) => Task.Run<IReadOnlyList<long>>(
        () =>
        {
            using IConsumer<byte[], byte[]> consumer = CreateConsumer();
            return [.. Partitions(topic).Select(partition => consumer.QueryWatermarkOffsets(partition, ChildProcess.Deadline).High.Value)];
        },
        cancellationToken);

    /// <summary>Deletes the records of a partition before <paramref name="offset"/>, as retention does.</summary>
    public Task DeleteRecordsAsync(string topic, int partition, long offset) => _admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, partition, offset)]);

    /// <summary>The group's state and members; null while nobody has joined it yet, or its coordinator is being found.</summary>
    public async Task<ConsumerGroupDescription?> DescribeGroupAsync(string group)
    {
        try
        {
            DescribeConsumerGroupsResult result = await _admin.DescribeConsumerGroupsAsync([group]);
            return result.ConsumerGroupDescriptions.Single();
        }
        catch (DescribeConsumerGroupsException)
        {
            return null;
        }
    }

    /// <summary>Waits until the group is settled with <paramref name="members"/> members, each with at least one partition.</summary>
    public Task WaitForGroupAsync(string group, int members, CancellationToken cancellationToken = default, params ChildProcess[] processes) => Eventually.TrueAsync(
        async () =>
        {
            ConsumerGroupDescription? now = await DescribeGroupAsync(group);
            return now?.State == ConsumerGroupState.Stable && now.Members.Count == members && now.Members.All(member => member.Assignment.TopicPartitions.Count > 0);
        },
        $"group {group} to settle with {members} members",
        cancellationToken,
        processes);

    /// <summary>The offsets that the group has committed to Kafka, by partition; -1 where none.</summary>
    public async Task<IReadOnlyList<long>> CommittedOffsetsAsync(string group, string topic)
    {
        List<ListConsumerGroupOffsetsResult> result = await _admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(group, [.. Partitions(topic)])]);
        return [.. result.Single().Partitions.OrderBy(partition => partition.Partition.Value).Select(partition => partition.Offset.Value < 0 ? -1 : partition.Offset.Value)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_producer.IsValueCreated)
        {
            _producer.Value.Dispose();
        }

        _admin.Dispose();
    }

    private List<ConsumeResult<byte[], byte[]>> ConsumeAll(string topic, CancellationToken cancellationToken)
    {
        using IConsumer<byte[], byte[]> consumer = CreateConsumer();
        TopicPartition[] partitions = Partitions(topic);
        var records = new List<ConsumeResult<byte[], byte[]>>();
        foreach (TopicPartition partition in partitions)
        {
            long end = consumer.QueryWatermarkOffsets(partition, ChildProcess.Deadline).High.Value;
            consumer.Assign(new TopicPartitionOffset(partition, Offset.Beginning));
            while (consumer.Position(partition).Value < end)
            {
                // The end of the partition is an event too: markers of transactions are no records, and the last offsets may be theirs.
                ConsumeResult<byte[], byte[]> result = consumer.Consume(cancellationToken);
                if (result.IsPartitionEOF)
                {
                    break;
                }

                records.Add(result);
            }
        }

        return records;
    }

    private IConsumer<byte[], byte[]> CreateConsumer()
    {
        var config = new ConsumerConfig { GroupId = $"rig-{Guid.NewGuid():n}", EnableAutoCommit = false, EnablePartitionEof = true, AutoOffsetReset = AutoOffsetReset.Earliest };
        return new ConsumerBuilder<byte[], byte[]>(Configure(config)).SetLogHandler((_, _) => { }).Build();
    }

    private TopicPartition[] Partitions(string topic) =>
        [.. _admin.GetMetadata(topic, ChildProcess.Deadline).Topics.Single().Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId)).OrderBy(p => p.Partition.Value)];

    private T Configure<T>(T config)
        where T : ClientConfig
    {
        config.BootstrapServers = _bootstrapServers;
        // The default waits up to ten seconds before it tries a broker again that a test has just restarted.
        config.ReconnectBackoffMaxMs = 250;
        return config;
    }
}
