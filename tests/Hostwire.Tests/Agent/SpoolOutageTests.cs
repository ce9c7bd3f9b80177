using Hostwire.Agent;
using Hostwire.Agent.Spool;
using Hostwire.Configuration;
using Hostwire.Monitoring;
using Hostwire.Tests.Configuration;

namespace Hostwire.Tests.Agent;

/// <summary>An hour without Kafka, a record a second, through spool and publisher together.</summary>
public sealed class SpoolOutageTests : IAsyncDisposable
{
    private const int Hour = 3_600;
    private const int RecordBytes = 1_000;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _time = new();
    private readonly FakeLogger _logger = new();
    private readonly AgentCounters _counters = new();
    private readonly Lock _file = new();
    private readonly TaskCompletionSource<FakeSender> _sender = new();
    private readonly CancellationTokenSource _givingUp = new();
    private SpoolQueue? _queue;
    private RecordPublisher? _publisher;
    private Task _publishing = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _givingUp.CancelAsync();
        await _publishing;
        _queue?.Dispose();
        _givingUp.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task All_of_it_arrives_the_newest_first_and_what_is_measured_meanwhile_before_the_backlog()
    {
        SpoolQueue queue = Open(bytesMax: long.MaxValue);
        FakeSender sender = await _sender.Task;
        PassAnHour(queue);
        List<int> arrived = await ArriveAsync(sender, records: 500);
        queue.Add(Value(Hour));
        arrived.AddRange(await ArriveAsync(sender, records: 1_500));
        queue.Add(Value(Hour + 1));
        arrived.AddRange(await ArriveAsync(sender, records: Hour + 2 - arrived.Count));
        await EndsAsync();

        Assert.Equal(Enumerable.Range(0, Hour + 2), arrived.Order());
        Assert.Equal((0, Hour + 2), (_counters.RecordsDropped, _counters.RecordsAcknowledged));

        // First what the dead connection had, then the newest up to what was measured just now, then the backlog from its oldest on.
        int[] atOnce = [.. arrived.Take(arrived.IndexOf(Hour) + 1)];
        Assert.Equal([.. Enumerable.Range(0, RecordPublisher.RecordsOnTheirWayMax), .. Enumerable.Range(atOnce[RecordPublisher.RecordsOnTheirWayMax], Hour + 1 - atOnce[RecordPublisher.RecordsOnTheirWayMax])], atOnce);
        Assert.Equal(RecordPublisher.RecordsOnTheirWayMax, arrived[atOnce.Length]);

        // In the middle of that, a new one waits only for what is on its way.
        Assert.InRange(arrived.IndexOf(Hour + 1), 2_000, 2_000 + RecordPublisher.RecordsOnTheirWayMax);
    }

    [Fact]
    public async Task Past_the_cap_as_many_are_counted_as_are_missing_and_they_are_the_oldest_that_waited()
    {
        const int cap = 1_000;
        SpoolQueue queue = Open(bytesMax: cap * RecordBytes);
        FakeSender sender = await _sender.Task;
        PassAnHour(queue);
        List<int> arrived = [.. (await ArriveAsync(sender, records: cap)).Order()];
        await EndsAsync();

        int onTheirWay = arrived.TakeWhile((number, i) => number == i).Count();
        Assert.InRange(onTheirWay, 1, cap / 4);
        Assert.Equal(Enumerable.Range(Hour - cap + onTheirWay, cap - onTheirWay), arrived.Skip(onTheirWay));
        Assert.Equal(Hour - arrived.Count, _counters.RecordsDropped);
        Assert.Equal(0, queue.Count);
    }

    private static byte[] Value(int number)
    {
        byte[] value = new byte[RecordBytes];
        BitConverter.TryWriteBytes(value, number);
        return value;
    }

    private static async Task<List<int>> ArriveAsync(FakeSender sender, int records)
    {
        var arrived = new List<int>();
        while (arrived.Count < records)
        {
            QueuedRecord record = await sender.NextAsync();
            arrived.Add(BitConverter.ToInt32(record.Value));
            sender.Acknowledge(record);
        }

        return arrived;
    }

    private async Task EndsAsync()
    {
        _publisher!.Complete();
        await _publishing.WaitAsync(TestContext.Current.CancellationToken);
    }

    private void PassAnHour(SpoolQueue queue)
    {
        for (int second = 0; second < Hour; second++)
        {
            queue.Add(Value(second));
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private SpoolQueue Open(long bytesMax)
    {
        var settings = new SpoolSettings
        {
            Path = Path.Combine(_folder.Path, "spool.db"),
            BytesMax = bytesMax,
            MemoryBytesMax = long.MaxValue,
            AgeMax = TimeSpan.FromDays(7),
            SyncInterval = TimeSpan.FromSeconds(10),
        };
        SpoolQueue queue = _queue = new SpoolQueue(settings, _counters, _logger, _time);
        queue.WorkCame = () =>
        {
            // In place of the spool's own thread: whoever has work does it, one at a time.
            lock (_file)
            {
                queue.Step();
            }
        };
        _publisher = new RecordPublisher(
            queue,
            bytesMax,
            events =>
            {
                var sender = new FakeSender(events);
                _sender.TrySetResult(sender);
                return sender;
            },
            new KafkaOptions { BootstrapServers = "kafka.example:9092" },
            _counters,
            new ServiceState(_time),
            _logger,
            _time);
        _publishing = _publisher.RunAsync(_givingUp.Token);
        return queue;
    }
}
