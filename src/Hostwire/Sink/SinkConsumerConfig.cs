using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;

namespace Hostwire.Sink;

/// <summary>The consumer's settings, on top of <see cref="KafkaClientConfig"/>.</summary>
internal static class SinkConsumerConfig
{
    private const int MetadataRefreshMilliseconds = 10_000;

    /// <summary>Makes them.</summary>
    /// <exception cref="UserException">A setting is wrong.</exception>
    public static ConsumerConfig From(HostwireOptions options)
    {
        ConsumerConfig config = KafkaClientConfig.Consumer(options.Kafka, options.Sink.Group);

        // The client commits, now and then and on leaving, the offsets we store with StoreOffset, which are those of committed transactions.
        config.EnableAutoCommit = true;
        config.EnableAutoOffsetStore = false;

        // Partitions that stay are not interrupted when a sink comes or goes.
        config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
        // How soon partitions that were added, or a topic that was missing, are noticed; the client's default is five minutes.
        if (!options.Kafka.Properties.ContainsKey("topic.metadata.refresh.interval.ms"))
        {
            config.TopicMetadataRefreshIntervalMs = MetadataRefreshMilliseconds;
        }

        // Headers are not used.
        config.ConsumeResultFields = "topic,timestamp";
        return config;
    }

    /// <summary>Makes a consumer, which reads all files, and throws it away.</summary>
    /// <exception cref="UserException">It cannot be made.</exception>
    public static void Try(HostwireOptions options)
    {
        try
        {
            new ConsumerBuilder<byte[], byte[]>(From(options)).SetLogHandler((_, _) => { }).Build().Dispose();
        }
        catch (Exception error) when (error is KafkaException or InvalidOperationException)
        {
            throw Refusal(error);
        }
    }

    /// <summary>What the client says of settings that it does not take.</summary>
    public static UserException Refusal(Exception error) => new($"The Kafka client does not accept the settings in [kafka]: {error.Message}.", error, ExitCode.Usage);
}
