using System.Text;
using Confluent.Kafka;
using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>Sends records of known content to one topic and notes what became of each; goes round the proxies, so that it is sure of what the broker has.</summary>
internal sealed class LedgerProducer : IDisposable
{
    // What waits while the broker is away: enough for every fault to meet records, little enough to be stored in seconds.
    private const int OutstandingMax = 1_500;

    // One record in so many is sent again, byte for byte.
    private const int ResendEvery = 50;

    private const int TransactionMilliseconds = 300_000;

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);

    private readonly IProducer<byte[], byte[]> _producer;
    private readonly Ledger _ledger;
    private readonly string _topic;
    private readonly string _topicId;
    private int _outstanding;
    private volatile string? _failure;

    /// <summary>Connects when first used.</summary>
    public LedgerProducer(string bootstrapServers, string topic, string topicId, Ledger ledger, string? transactionalId = null)
    {
        _ledger = ledger;
        (_topic, _topicId) = (topic, topicId);
        var config = new ProducerConfig
        {
            BootstrapServers = bootstrapServers,
            EnableIdempotence = true,
            LingerMs = 2,
            // Nothing that a fault does to the broker makes the ledger unsure: a record is sent until it is acknowledged.
            MessageTimeoutMs = transactionalId is null ? 0 : TransactionMilliseconds,
            ReconnectBackoffMaxMs = 250,
            TopicMetadataRefreshIntervalMs = 1_000,
        };
        if (transactionalId is not null)
        {
            config.TransactionalId = transactionalId;
            config.TransactionTimeoutMs = TransactionMilliseconds;
        }

        _producer = new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    /// <summary>For transactions.</summary>
    public IProducer<byte[], byte[]> Client => _producer;

    /// <summary>Sends the next records of these hosts in turns until told to stop, as fast as they are taken but no faster than a few thousand points a second.</summary>
    public async Task SendUntilAsync(IReadOnlyList<SyntheticHost> hosts, int partitions, CancellationToken stop)
    {
        for (int turn = 0; !stop.IsCancellationRequested; turn++)
        {
            for (int i = 0; i < hosts.Count && Volatile.Read(ref _outstanding) < OutstandingMax; i++)
            {
                SendNext(hosts[i], i % partitions, isResent: (turn + i) % ResendEvery == 0);
            }

            await Task.Delay(Breath, CancellationToken.None);
        }
    }

    /// <summary>Sends a host's next record.</summary>
    public LedgerRecord SendNext(SyntheticHost host, int partition, bool isResent = false, RecordFate fate = RecordFate.Stored, Func<byte[], byte[]>? rewrite = null)
    {
        int before = host.Sent.Count;
        byte[] value = host.NextRecord();
        LedgerRecord record = _ledger.Add([.. host.Sent.Skip(before)], fate);
        Send(record, rewrite?.Invoke(value) ?? value, partition, host.Name);
        if (isResent)
        {
            Send(record, value, partition, host.Name);
        }

        return record;
    }

    /// <summary>Sends bytes; the ledger knows what they say.</summary>
    public void Send(LedgerRecord record, byte[] value, int partition, string? key = null)
    {
        Interlocked.Increment(ref _outstanding);
        var message = new Message<byte[], byte[]> { Key = key is null ? null! : Encoding.UTF8.GetBytes(key), Value = value };
        _producer.Produce(new TopicPartition(_topic, partition), message, report =>
        {
            if (report.Error.IsError)
            {
                // An aborted transaction takes back what was not sent yet.
                _failure ??= record.Fate is RecordFate.Aborted ? null : report.Error.Reason;
            }
            else
            {
                _ledger.Accept(record, _topicId, report.Partition.Value, report.Offset.Value);
            }

            Interlocked.Decrement(ref _outstanding);
        });
    }

    /// <summary>Waits until the broker has everything.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        while (Volatile.Read(ref _outstanding) > 0)
        {
            await Task.Delay(Breath, cancellationToken);
        }

        if (_failure is { } failure)
        {
            throw new InvalidOperationException($"The ledger's own producer failed: {failure}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _producer.Dispose();
}
