using System.Threading.Channels;
using Confluent.Kafka;
using Hostwire.Agent;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Microsoft.Extensions.Logging;
using Hostwire.Monitoring;

namespace Hostwire.Tests.Agent;

public sealed class RecordPublisherTests : IAsyncDisposable
{
    private const int QueueBytes = 1_000_000;

    private readonly FakeClock _time = new();
    private readonly FakeLogger _logger = new();
    private readonly AgentCounters _counters = new();
    private readonly MemoryRecordQueue _queue;
    private readonly RecordPublisher _publisher;
    private readonly Channel<FakeSender> _senders = Channel.CreateUnbounded<FakeSender>();
    private readonly CancellationTokenSource _givingUp = new();
    private readonly Task _publishing;

    public RecordPublisherTests()
    {
        _queue = new MemoryRecordQueue(QueueBytes, _counters, _logger);
        _publisher = new RecordPublisher(
            _queue,
            QueueBytes,
            NewSender,
            new KafkaOptions { BootstrapServers = "kafka.example:9092" },
            _counters,
            new ServiceState(_time),
            _logger,
            _time);
        _publishing = _publisher.RunAsync(_givingUp.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _givingUp.CancelAsync();
        await _publishing;
        _givingUp.Dispose();
    }

    [Fact]
    public async Task Record_leaves_the_queue_when_the_broker_has_acknowledged_it_and_not_before()
    {
        FakeSender sender = await NextSenderAsync();
        Add(1);
        QueuedRecord record = await sender.NextAsync();
        Assert.Equal((1, 0), (_queue.Count, _counters.RecordsAcknowledged));

        sender.Acknowledge(record);
        await EndsAsync();
        Assert.Equal((0, 1, 0), (_queue.Count, _counters.RecordsAcknowledged, _counters.RecordsDropped));
    }

    [Fact]
    public async Task Records_go_in_order_and_no_more_than_a_bounded_number_at_a_time()
    {
        FakeSender sender = await NextSenderAsync();
        for (int i = 0; i < RecordPublisher.RecordsOnTheirWayMax + 2; i++)
        {
            Add(i);
        }

        List<QueuedRecord> sent = [];
        while (sent.Count < RecordPublisher.RecordsOnTheirWayMax)
        {
            sent.Add(await sender.NextAsync());
        }

        Assert.Equal(Enumerable.Range(0, RecordPublisher.RecordsOnTheirWayMax), sent.Select(record => (int)record.Sequence));
        sender.Acknowledge(sent[0]);
        Assert.Equal(RecordPublisher.RecordsOnTheirWayMax, (int)(await sender.NextAsync()).Sequence);
        Assert.Equal(0, sender.Unseen);
    }

    [Fact]
    public async Task What_is_on_its_way_is_a_part_of_what_may_wait_so_that_the_oldest_make_room_and_not_the_newest()
    {
        const int ofATenth = QueueBytes / 10;
        FakeSender sender = await NextSenderAsync();
        AddBytes(records: 3, ofATenth);
        QueuedRecord[] onTheirWay = [await sender.NextAsync(), await sender.NextAsync()];
        AddBytes(records: 9, ofATenth);
        Assert.Equal((0, 2), (sender.Unseen, _counters.RecordsDropped));

        List<long> sent = [.. onTheirWay.Select(record => record.Sequence)];
        foreach (QueuedRecord record in onTheirWay)
        {
            sender.Acknowledge(record);
        }

        while (sent.Count < 10)
        {
            QueuedRecord record = await sender.NextAsync();
            sent.Add(record.Sequence);
            sender.Acknowledge(record);
        }

        // Of 2, 3 and 4 two made room: 2 and 3, unless 2 was in the publisher's hands just then, who had to put it back.
        Assert.Equal(sent.Order(), sent);
        Assert.Equal([0, 1], sent[..2]);
        Assert.Contains(sent[2], (long[])[2, 4]);
        Assert.Equal([5, 6, 7, 8, 9, 10, 11], sent[3..]);
    }

    [Fact]
    public async Task Dead_producer_is_replaced_and_what_it_had_not_brought_home_is_sent_again_in_order()
    {
        FakeSender first = await NextSenderAsync();
        Add(1, 2, 3, 4);
        QueuedRecord[] sent = [await first.NextAsync(), await first.NextAsync(), await first.NextAsync(), await first.NextAsync()];
        first.Acknowledge(sent[0]);
        first.Refuse(sent[2], ErrorCode.OutOfOrderSequenceNumber, isFatal: true);
        FakeSender second = await AfterAWaitAsync(NextSenderAsync);
        Assert.True(first.IsDisposed);
        Assert.Equal(1, _counters.ProducersRenewed);

        // What the dead one says now counts no more: the record is on its way with its successor.
        first.Acknowledge(sent[1]);

        QueuedRecord again = await second.NextAsync();
        Assert.Same(sent[1], again);
        Assert.Equal(0, second.Unseen);
        second.Acknowledge(again);
        foreach (QueuedRecord expected in (QueuedRecord[])[sent[2], sent[3]])
        {
            Assert.Same(expected, again = await second.NextAsync());
            second.Acknowledge(again);
        }

        await EndsAsync();
        Assert.Equal((4, 0), (_counters.RecordsAcknowledged, _counters.RecordsDropped));
    }

    [Fact]
    public async Task Other_settings_mean_another_producer_once_what_is_on_its_way_has_arrived()
    {
        FakeSender first = await NextSenderAsync();
        Add(1);
        QueuedRecord onItsWay = await first.NextAsync();
        Task renewed = RenewAsync(NewSender);
        FakeSender second = await NextSenderAsync();
        Add(2);
        Assert.False(first.IsDisposed);

        first.Acknowledge(onItsWay);
        await renewed;
        Assert.True(first.IsDisposed);
        second.Acknowledge(await second.NextAsync());
        await EndsAsync();
        Assert.Equal((2, 0, 0), (_counters.RecordsAcknowledged, _counters.RecordsDropped, _counters.ProducersRenewed));
    }

    [Fact]
    public async Task Producer_that_brings_nothing_home_hands_it_over_to_its_successor()
    {
        FakeSender first = await NextSenderAsync();
        Add(1, 2);
        QueuedRecord one = await first.NextAsync();
        QueuedRecord two = await first.NextAsync();
        Task renewed = RenewAsync(NewSender);
        FakeSender second = await NextSenderAsync();
        await AfterAWaitAsync(async () =>
        {
            await renewed;
            return true;
        });
        Assert.Same(one, await second.NextAsync());
        Assert.Same(two, await second.NextAsync());
        first.Acknowledge(one);
        Assert.Equal(0, _counters.RecordsAcknowledged);
    }

    [Fact]
    public async Task Settings_that_no_producer_can_be_made_with_leave_the_one_there_is()
    {
        FakeSender first = await NextSenderAsync();
        UserException refused = await Assert.ThrowsAsync<UserException>(() => RenewAsync(_ => throw new UserException("The key does not fit.")));
        Assert.Equal("The key does not fit.", refused.Message);
        Add(1);
        first.Acknowledge(await first.NextAsync());
        await EndsAsync();
        Assert.Equal(1, _counters.RecordsAcknowledged);
    }

    [Fact]
    public async Task Fatal_error_without_a_record_replaces_the_producer_too()
    {
        FakeSender first = await NextSenderAsync();
        Add(1);
        QueuedRecord record = await first.NextAsync();
        first.Fail(ErrorCode.ClusterAuthorizationFailed, "Cluster authorization failed", isFatal: true);
        FakeSender second = await AfterAWaitAsync(NextSenderAsync);
        Assert.Same(record, await second.NextAsync());
        Assert.Contains("IdempotentWrite", Assert.Single(_logger.Lines).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_topic_is_said_once_with_the_command_that_makes_it_and_nothing_is_lost()
    {
        FakeSender sender = await NextSenderAsync();
        Add(1, 2);
        sender.Refuse(await sender.NextAsync(), ErrorCode.UnknownTopicOrPart);
        sender.Refuse(await sender.NextAsync(), ErrorCode.UnknownTopicOrPart);

        QueuedRecord probe = await AfterAWaitAsync(sender.NextAsync);
        Assert.Equal(0, sender.Unseen);
        sender.Refuse(probe, ErrorCode.UnknownTopicOrPart);
        Assert.Equal(
            "Topic otlp_metrics does not exist at kafka.example:9092: make it with `hostwire topic create`, or check kafka.topic. Trying again until it works; waiting records: 2, dropped so far: 0",
            Assert.Single(_logger.Lines.Distinct()).Message);

        Assert.Same(probe, await AfterAWaitAsync(sender.NextAsync));
        sender.Acknowledge(probe);
        sender.Acknowledge(await sender.NextAsync());
        await EndsAsync();
        Assert.Equal((2, 0), (_counters.RecordsAcknowledged, _counters.RecordsDropped));
        Assert.StartsWith("Kafka takes records again", _logger.Lines[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Topic_that_became_forbidden_is_asked_for_by_a_new_producer()
    {
        FakeSender first = await NextSenderAsync();
        Add(1);
        first.Refuse(await first.NextAsync(), ErrorCode.TopicAuthorizationFailed);
        FakeSender second = await AfterAWaitAsync(NextSenderAsync);
        second.Acknowledge(await second.NextAsync());
        await EndsAsync();
        Assert.Equal(1, _counters.RecordsAcknowledged);
        Assert.Contains("grant it Write", _logger.Lines[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_refused_batch_the_record_at_fault_is_found_dropped_and_counted_and_the_others_arrive()
    {
        FakeSender sender = await NextSenderAsync();
        Add(1, 2, 3);
        QueuedRecord[] batch = [await sender.NextAsync(), await sender.NextAsync(), await sender.NextAsync()];
        Array.ForEach(batch, record => sender.Refuse(record, ErrorCode.InvalidTimestamp));

        foreach (QueuedRecord expected in batch)
        {
            QueuedRecord alone = await sender.NextAsync();
            Assert.Same(expected, alone);
            Assert.Equal(0, sender.Unseen);
            if (alone.Sequence == 1)
            {
                sender.Refuse(alone, ErrorCode.InvalidTimestamp);
            }
            else
            {
                sender.Acknowledge(alone);
            }
        }

        await EndsAsync();
        Assert.Equal((2, 1), (_counters.RecordsAcknowledged, _counters.RecordsDropped));
        Assert.Single(_logger.Lines, line => line.Level == LogLevel.Error);
    }

    [Fact]
    public async Task Record_that_is_too_large_and_cannot_be_halved_is_dropped_counted_and_the_next_goes_out()
    {
        FakeSender sender = await NextSenderAsync();
        Add(1, 2);
        QueuedRecord large = await sender.NextAsync();
        sender.Acknowledge(await sender.NextAsync());
        sender.Refuse(large, ErrorCode.MsgSizeTooLarge);
        sender.Refuse(await sender.NextAsync(), ErrorCode.MsgSizeTooLarge);
        await EndsAsync();
        Assert.Equal((1, 1), (_counters.RecordsAcknowledged, _counters.RecordsDropped));
        Assert.Contains("max.message.bytes", Assert.Single(_logger.Lines).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broker_that_stays_away_is_mentioned_and_so_is_its_return()
    {
        FakeSender sender = await NextSenderAsync();
        Add(1);
        QueuedRecord record = await sender.NextAsync();
        sender.Fail(ErrorCode.Local_Transport, "kafka.example:9092/1: Connect to ipv4#192.0.2.1:9092 failed: Connection refused (after 0ms in state CONNECT)");
        await AfterAWaitAsync(async () =>
        {
            while (_logger.Lines.Count == 0)
            {
                await Task.Yield();
            }

            return 0;
        });
        Assert.StartsWith("Kafka at kafka.example:9092 cannot be reached", _logger.Lines[0].Message, StringComparison.Ordinal);
        sender.Acknowledge(record);
        await EndsAsync();
        Assert.StartsWith("Kafka takes records again", _logger.Lines[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Giving_up_leaves_what_was_not_acknowledged_in_the_queue()
    {
        FakeSender sender = await NextSenderAsync();
        Add(1, 2);
        sender.Acknowledge(await sender.NextAsync());
        await sender.NextAsync();
        _publisher.Complete();
        await _givingUp.CancelAsync();
        await _publishing;
        Assert.Equal((1, 1), (_queue.Count, _counters.RecordsAcknowledged));
        Assert.True(sender.IsDisposed);
    }

    private FakeSender NewSender(SenderEvents events)
    {
        var sender = new FakeSender(events);
        _senders.Writer.TryWrite(sender);
        return sender;
    }

    private Task RenewAsync(Func<SenderEvents, IRecordSender> create) =>
        _publisher.RenewAsync(create, new KafkaOptions { BootstrapServers = "other.example:9092" }, TestContext.Current.CancellationToken);

    private ValueTask<FakeSender> NextSenderAsync() => _senders.Reader.ReadAsync(TestContext.Current.CancellationToken);

    private async Task EndsAsync()
    {
        _publisher.Complete();
        await _publishing.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Lets time pass, as often as the publisher waits, until what is awaited has happened.</summary>
    private async Task<T> AfterAWaitAsync<T>(Func<ValueTask<T>> happens)
    {
        Task<T> task = happens().AsTask();
        while (!task.IsCompleted)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            Task<TimeSpan> armed = _time.NextTimerUntilAsync(either.Token).AsTask();
            if (await Task.WhenAny(task, armed) == armed)
            {
                _time.Advance(await armed);
            }

            await either.CancelAsync();
        }

        return await task;
    }

    private void AddBytes(int records, int bytes)
    {
        for (int i = 0; i < records; i++)
        {
            _queue.Add(new byte[bytes]);
        }
    }

    private void Add(params int[] numbers)
    {
        foreach (int number in numbers)
        {
            _queue.Add([(byte)number]);
        }

        _publisher.Wake();
    }
}
