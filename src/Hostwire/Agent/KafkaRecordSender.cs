using System.Text;
using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;

namespace Hostwire.Agent;

/// <summary>Sends records with an idempotent producer of librdkafka, all under one key.</summary>
internal sealed class KafkaRecordSender : IRecordSender
{
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly string _topic;
    private readonly byte[] _key;
    private readonly SenderEvents _events;

    /// <summary>Starts a producer. It connects in the background; failures to do so are reported by the events.</summary>
    /// <exception cref="UserException">librdkafka does not accept the settings.</exception>
    public KafkaRecordSender(KafkaOptions options, string key, SenderEvents events, LibrdkafkaLog log)
    {
        _topic = options.Topic;
        _key = Encoding.UTF8.GetBytes(key);
        _events = events;
        try
        {
            _producer = new ProducerBuilder<byte[], byte[]>(Settings(options))
                .SetErrorHandler((_, error) => events.Failed(error))
                .SetLogHandler((_, line) => log.Handle(line))
                .Build();

            // Most of what making one needs, its TLS and its bindings, is needed once: before records, and a second producer while the first is there, come on top.
            CodeInMemory.Release();
        }
        catch (Exception error) when (error is KafkaException or InvalidOperationException)
        {
            throw new UserException($"The Kafka client does not accept the settings in [kafka]: {error.Message}.", error, ExitCode.Usage);
        }
    }

    /// <inheritdoc/>
    public void Send(QueuedRecord record)
    {
        try
        {
            // The record's own time is left to the broker: a clock that is a day ahead would have it refused, and others of its batch with it.
            _producer.Produce(_topic, new Message<byte[], byte[]> { Key = _key, Value = record.Value }, report => _events.Sent(record, report.Error));
        }
        catch (ProduceException<byte[], byte[]> refused)
        {
            _events.Sent(record, refused.Error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _producer.Dispose();

    private static ProducerConfig Settings(KafkaOptions options)
    {
        ProducerConfig config = KafkaClientConfig.Producer(options);

        // Records wait in our queue, not in librdkafka's: this is only room for those on their way.
        config.QueueBufferingMaxMessages = 2 * RecordPublisher.RecordsOnTheirWayMax;
        config.QueueBufferingMaxKbytes = 2 * RecordPublisher.BytesOnTheirWayMax / 1024;

        // How often its thread looks whether it is to end, and so how long an end may take: ten times a second is for nothing.
        config.CancellationDelayMaxMs = 500;

        // A delivery report then carries nothing but the error; the record is known by the handler.
        config.DeliveryReportFields = "none";
        if (!options.Properties.ContainsKey("topic.metadata.propagation.max.ms"))
        {
            // How long a missing topic may still be one that was just made; we try again anyway, so a person may know soon.
            config.Set("topic.metadata.propagation.max.ms", "5000");
        }

        return config;
    }
}
