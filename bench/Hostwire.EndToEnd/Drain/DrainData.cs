using System.Globalization;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Kafka;

namespace Hostwire.EndToEnd.Drain;

/// <summary>The same points three times: as rows of a narrow table, as frames, and as records on a topic.</summary>
internal sealed class DrainData : IDisposable
{
    private readonly TestDirectory _directory;

    private DrainData(TestDirectory directory, string topic, IRecordShape shape, DrainOptions options)
    {
        _directory = directory;
        Topic = topic;
        Shape = shape;
        Hosts = options.Hosts;
    }

    /// <summary>What the records are.</summary>
    public IRecordShape Shape { get; }

    /// <summary>Hosts that send them.</summary>
    public int Hosts { get; }

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>The rows of a narrow table.</summary>
    public string NarrowFile => _directory["narrow.copy"];

    /// <summary>The rows of <c>hostwire.frame</c>.</summary>
    public string FrameFile => _directory["frames.copy"];

    /// <summary>Records on the topic.</summary>
    public long Records { get; private set; }

    /// <summary>Points in them.</summary>
    public long Points { get; private set; }

    /// <summary>Bytes of OTLP in them.</summary>
    public long Bytes { get; private set; }

    /// <summary>The UTC days of their times.</summary>
    public SortedSet<DateOnly> Days { get; } = [];

    /// <summary>Makes all three.</summary>
    public static async Task<DrainData> MakeAsync(KafkaBroker kafka, IRecordShape shape, DateTimeOffset start, DrainOptions options, CancellationToken cancellationToken)
    {
        string topic = await kafka.CreateTopicAsync(options.Partitions, new(StringComparer.Ordinal) { ["message.timestamp.type"] = "LogAppendTime" }, cancellationToken);
        var data = new DrainData(new TestDirectory("drain"), topic, shape, options);
        await Task.Run(() => data.Write(kafka.BootstrapServers, start, options, cancellationToken), cancellationToken);
        return data;
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();

    private void Write(string bootstrapServers, DateTimeOffset start, DrainOptions options, CancellationToken cancellationToken)
    {
        // As our agents send, compression included; a Collector's exporter differs in nothing that a reader would notice.
        ProducerConfig config = KafkaClientConfig.Producer(new KafkaOptions { BootstrapServers = bootstrapServers, Security = "plaintext" });
        config.BatchNumMessages = options.RecordsPerBatch;
        // A record without a key goes to a partition of its own choosing, as from so many senders; one producer of them all would fill one partition with what comes in ten milliseconds, then the next.
        config.StickyPartitioningLingerMs = 0;
        Exception? failure = null;
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        using var narrow = new CopyFile(NarrowFile);
        using var frames = new CopyFile(FrameFile);
        var points = new List<SentPoint>();
        var values = new List<double>();
        int series = Shape.Series.Count;
        long startMicros = start.ToUnixTimeMilliseconds() * 1000;
        for (long number = 0; Points < options.Points; number++)
        {
            int host = (int)(number % options.Hosts);
            // Hosts follow one another through the ten seconds, as agents do.
            long tick = startMicros + (number / options.Hosts * 10_000_000) + (host * 10_000_000L / options.Hosts);
            byte[] record = Shape.Next(host, tick, points).ToArray();
            Send(producer, new Message<byte[], byte[]> { Key = Shape.Key(host)!, Value = record }, report => failure ??= report);
            Records++;
            Points += points.Count;
            Bytes += record.Length;
            foreach (ref readonly SentPoint point in CollectionsMarshal.AsSpan(points))
            {
                narrow.WriteNarrow((host * series) + point.Series + 1, point.TimeMicros, point.Value);
            }

            WriteFrames(frames, host, points, values);
            Days.Add(DateOnly.FromDateTime(DateTime.UnixEpoch.AddMicroseconds(points[0].TimeMicros)));
            cancellationToken.ThrowIfCancellationRequested();
        }

        producer.Flush(cancellationToken);
        if (failure is not null)
        {
            throw new BenchFailedException($"a record was not taken by the broker: {failure.Message}");
        }
    }

    private void Send(IProducer<byte[], byte[]> producer, Message<byte[], byte[]> message, Action<Exception> failed)
    {
        while (true)
        {
            try
            {
                producer.Produce(Topic, message, report =>
                {
                    if (report.Error.IsError)
                    {
                        failed(new KafkaException(report.Error));
                    }
                });
                return;
            }
            catch (ProduceException<byte[], byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Flush(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    private static void WriteFrames(CopyFile frames, int host, List<SentPoint> points, List<double> values)
    {
        points.Sort((left, right) => left.Group != right.Group ? left.Group.CompareTo(right.Group) : left.Series.CompareTo(right.Series));
        for (int first = 0, end; first < points.Count; first = end)
        {
            values.Clear();
            for (end = first; end < points.Count && points[end].Group == points[first].Group; end++)
            {
                values.Add(points[end].Value);
            }

            frames.WriteFrame(points[first].TimeMicros, host + 1, points[first].Group + 1, CollectionsMarshal.AsSpan(values));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Shape.Description}; {Points:n0} points in {Records:n0} records of {Bytes / Records:n0} bytes, {Shape.Groups} frames each, of {Hosts:n0} hosts");
}
