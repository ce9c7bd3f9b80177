using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.EndToEnd.Drain;
using Hostwire.Kafka;

namespace Hostwire.EndToEnd;

/// <summary>Puts records of a fleet on a topic, a stretch of time after the other, with one producer that has an agent's settings.</summary>
internal sealed class TopicFeed : IDisposable
{
    private const long IntervalMicros = 10_000_000;

    private readonly IProducer<byte[], byte[]> _producer;
    private readonly List<SentPoint> _points = [];
    private readonly string _topic;
    private readonly IRecordShape _shape;
    private readonly int _hosts;
    private readonly long _startMicros;
    private Exception? _failure;

    /// <summary>Nothing is sent yet.</summary>
    /// <param name="bootstrapServers">The broker.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="shape">Makes the records.</param>
    /// <param name="hosts">How many hosts send, one after the other through each interval of 10 s.</param>
    /// <param name="start">The time of the first.</param>
    public TopicFeed(string bootstrapServers, string topic, IRecordShape shape, int hosts, DateTimeOffset start)
    {
        ProducerConfig config = KafkaClientConfig.Producer(new KafkaOptions { BootstrapServers = bootstrapServers, Security = "plaintext" });
        _producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        (_topic, _shape, _hosts, _startMicros) = (topic, shape, hosts, start.ToUnixTimeMilliseconds() * 1000);
    }

    /// <summary>Records on the topic.</summary>
    public long Records { get; private set; }

    /// <summary>Points in them.</summary>
    public long Points { get; private set; }

    /// <summary>Sends so many points more, at least; whole records. Returns once the broker has them.</summary>
    public void Send(long points, CancellationToken cancellationToken)
    {
        for (long until = Points + points; Points < until; Records++)
        {
            int host = (int)(Records % _hosts);
            long tick = _startMicros + (Records / _hosts * IntervalMicros) + (host * IntervalMicros / _hosts);
            byte[] record = _shape.Next(host, tick, _points).ToArray();
            Produce(new Message<byte[], byte[]> { Key = _shape.Key(host)!, Value = record });
            Points += _points.Count;
            cancellationToken.ThrowIfCancellationRequested();
        }

        _producer.Flush(cancellationToken);
        if (_failure is not null)
        {
            throw new BenchFailedException($"a record was not taken by the broker: {_failure.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _producer.Dispose();

    private void Produce(Message<byte[], byte[]> message)
    {
        while (true)
        {
            try
            {
                _producer.Produce(_topic, message, report => _failure ??= report.Error.IsError ? new KafkaException(report.Error) : null);
                return;
            }
            catch (ProduceException<byte[], byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Flush(TimeSpan.FromMilliseconds(100));
            }
        }
    }
}
