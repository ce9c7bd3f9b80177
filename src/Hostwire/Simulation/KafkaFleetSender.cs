using System.Text;
using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;

namespace Hostwire.Simulation;

/// <summary>Sends the records of many hosts with one producer that has an agent's settings; the key of each is its host's name.</summary>
internal sealed class KafkaFleetSender : IFleetSender
{
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly string _topic;
    private readonly Action<SimulatedRecord?, Error, int, long> _happened;

    /// <summary>Starts a producer; it connects in the background.</summary>
    /// <param name="options">Section <c>[kafka]</c>.</param>
    /// <param name="happened">Is told the record (or null), the error, partition and offset; by any thread.</param>
    /// <param name="log">Takes librdkafka's log.</param>
    /// <exception cref="UserException">librdkafka does not accept the settings.</exception>
    public KafkaFleetSender(KafkaOptions options, Action<SimulatedRecord?, Error, int, long> happened, LibrdkafkaLog log)
    {
        _topic = options.Topic;
        _happened = happened;
        try
        {
            _producer = new ProducerBuilder<byte[], byte[]>(Settings(options))
                .SetErrorHandler((_, error) => happened(null, error, -1, -1))
                .SetLogHandler((_, line) => log.Handle(line))
                .Build();
        }
        catch (Exception error) when (error is KafkaException or InvalidOperationException)
        {
            throw new UserException($"The Kafka client does not accept the settings in [kafka]: {error.Message}.", error, ExitCode.Usage);
        }
    }

    /// <inheritdoc/>
    public void Send(SimulatedRecord record)
    {
        try
        {
            // The record's own time is left to the broker, as agents do.
            _producer.Produce(
                _topic,
                new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(record.Host), Value = record.Value },
                report => _happened(record, report.Error, report.Partition.Value, report.Offset.Value));
        }
        catch (ProduceException<byte[], byte[]> refused)
        {
            _happened(record, refused.Error, -1, -1);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _producer.Dispose();

    private static ProducerConfig Settings(KafkaOptions options)
    {
        ProducerConfig config = KafkaClientConfig.Producer(options);
        config.ClientId = "hostwire-simulate";

        // Room for all that the publisher lets be on its way, and some.
        config.QueueBufferingMaxMessages = 2 * FleetPublisher.RecordsOnTheirWayMax;
        config.QueueBufferingMaxKbytes = 2 * FleetPublisher.BytesOnTheirWayMax / 1024;

        // A report then carries no copy of the record; partition and offset always come.
        config.DeliveryReportFields = "none";
        if (!options.Properties.ContainsKey("topic.metadata.propagation.max.ms"))
        {
            // As agents: a topic that is missing is known to be so after this time, not after half a minute.
            config.Set("topic.metadata.propagation.max.ms", "5000");
        }

        return config;
    }
}
