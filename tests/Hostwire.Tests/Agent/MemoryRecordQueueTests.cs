using CsCheck;
using Hostwire.Agent;
using Microsoft.Extensions.Logging;

namespace Hostwire.Tests.Agent;

public sealed class MemoryRecordQueueTests
{
    private readonly FakeLogger _logger = new();
    private readonly AgentCounters _counters = new();

    [Fact]
    public void Records_come_out_in_the_order_they_went_in()
    {
        MemoryRecordQueue queue = Queue(100);
        Add(queue, 1, 2, 3);
        Assert.Equal([1, 2, 3], TakeAll(queue).Select(Number));
    }

    [Fact]
    public void Full_queue_drops_the_oldest_that_wait_and_counts_them()
    {
        MemoryRecordQueue queue = Queue(30);
        Add(queue, 1, 2, 3, 4, 5);
        Assert.Equal([3, 4, 5], TakeAll(queue).Select(Number));
        Assert.Equal((5, 2), (_counters.RecordsQueued, _counters.RecordsDropped));
    }

    [Fact]
    public void Records_on_their_way_are_not_dropped_for_newer_ones()
    {
        MemoryRecordQueue queue = Queue(30);
        Add(queue, 1);
        QueuedRecord onItsWay = queue.Take()!;
        Add(queue, 2, 3, 4);
        queue.Return(onItsWay);
        Assert.Equal([1, 3, 4], TakeAll(queue).Select(Number));
        Assert.Equal(1, _counters.RecordsDropped);
    }

    [Fact]
    public void Record_larger_than_the_queue_is_dropped_itself()
    {
        MemoryRecordQueue queue = Queue(30);
        queue.Add(new byte[31]);
        Assert.Null(queue.Take());
        Assert.Equal((1, 0), (_counters.RecordsDropped, queue.Bytes));
    }

    [Fact]
    public void Overflow_is_logged_once_until_half_of_the_queue_is_free_again()
    {
        MemoryRecordQueue queue = Queue(40);
        Add(queue, 1, 2, 3, 4, 5, 6);
        queue.Acknowledge(queue.Take()!);
        Add(queue, 7, 8);
        Assert.Equal(LogLevel.Error, Assert.Single(_logger.Lines).Level);

        TakeAll(queue).ForEach(queue.Acknowledge);
        Add(queue, 1, 2, 3, 4, 5);
        Assert.Equal(2, _logger.Lines.Count);
    }

    [Fact]
    public void Returned_records_wait_again_in_their_old_place()
    {
        MemoryRecordQueue queue = Queue(100);
        Add(queue, 1, 2, 3, 4);
        List<QueuedRecord> taken = [queue.Take()!, queue.Take()!, queue.Take()!];
        queue.Return(taken[2]);
        queue.Return(taken[0]);
        queue.Acknowledge(taken[1]);
        Assert.Equal([1, 3, 4], TakeAll(queue).Select(Number));
    }

    [Fact]
    public void Split_record_waits_as_two_in_its_old_place()
    {
        MemoryRecordQueue queue = Queue(100);
        Add(queue, 1, 2, 3);
        queue.Acknowledge(queue.Take()!);
        queue.Split(queue.Take()!, [21, 0], [22, 0]);
        Assert.Equal([21, 22, 3], TakeAll(queue).Select(Number));
        Assert.Equal((14, 1, 4), (queue.Bytes, _counters.RecordsSplit, _counters.RecordsQueued));
    }

    [Fact]
    public void Array_of_a_record_that_has_arrived_is_used_again_and_only_then()
    {
        MemoryRecordQueue queue = Queue(1000);
        Add(queue, 1, 2);
        QueuedRecord first = queue.Take()!;
        QueuedRecord second = queue.Take()!;
        queue.Acknowledge(first);
        Add(queue, 3, 4);
        List<QueuedRecord> later = TakeAll(queue);
        Assert.Equal([3, 4], later.Select(Number));
        Assert.Same(first.Value, later[0].Value);
        Assert.NotSame(first.Value, later[1].Value);
        Assert.Equal(2, Number(second));
    }

    [Fact]
    public void Record_that_is_not_on_its_way_cannot_leave()
    {
        MemoryRecordQueue queue = Queue(100);
        Add(queue, 1);
        QueuedRecord record = queue.Take()!;
        queue.Acknowledge(record);
        Assert.Throws<InvalidOperationException>(() => queue.Acknowledge(record));
        Assert.Throws<InvalidOperationException>(() => queue.Return(record));
    }

    /// <summary>The account balances after whatever happened: every record queued is acknowledged, dropped or still there, and the bytes are those that are there.</summary>
    [Fact]
    public void Every_record_is_accounted_for_whatever_happens() =>
        Gen.Int[0, 5].Array[1, 200].Sample(actions =>
        {
            var counters = new AgentCounters();
            var queue = new MemoryRecordQueue(50, counters, _logger);
            var taken = new List<QueuedRecord>();
            for (int i = 0; i < actions.Length; i++)
            {
                switch (actions[i])
                {
                    case 0 or 1: queue.Add(new byte[1 + (i % 20)]); break;
                    case 2 when queue.Take() is { } record: taken.Add(record); break;
                    case 3 when taken.Count > 0: queue.Acknowledge(Remove(taken, i)); break;
                    case 4 when taken.Count > 0: queue.Return(Remove(taken, i)); break;
                    case 5 when taken.Count > 0 && i % 2 == 0: queue.Drop(Remove(taken, i), "no"); break;
                    case 5 when taken.Count > 0: queue.Split(Remove(taken, i), new byte[3], new byte[4]); break;
                }

                // A split takes one record away and adds two; it counts one more as queued.
                Assert.Equal(counters.RecordsQueued, counters.RecordsAcknowledged + counters.RecordsDropped + queue.Count);
                Assert.Equal((queue.Count, queue.Bytes), (counters.RecordsWaiting, counters.BytesWaiting));
            }

            List<QueuedRecord> rest = [.. taken, .. TakeAll(queue)];
            Assert.Equal(queue.Bytes, rest.Sum(record => record.Value.Length));
        });

    private static QueuedRecord Remove(List<QueuedRecord> records, int which)
    {
        QueuedRecord record = records[which % records.Count];
        records.Remove(record);
        return record;
    }

    private static int Number(QueuedRecord record) => record.Value[0];

    private static void Add(MemoryRecordQueue queue, params byte[] numbers)
    {
        foreach (byte number in numbers)
        {
            byte[] value = new byte[10];
            value[0] = number;
            queue.Add(value);
        }
    }

    private static List<QueuedRecord> TakeAll(MemoryRecordQueue queue)
    {
        var records = new List<QueuedRecord>();
        while (queue.Take() is { } record)
        {
            records.Add(record);
        }

        return records;
    }

    private MemoryRecordQueue Queue(long bytesMax) => new(bytesMax, _counters, _logger);
}
