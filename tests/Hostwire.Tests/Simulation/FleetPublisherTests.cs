using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Simulation;
using Hostwire.Simulation.Hosts;
using Hostwire.Simulation.Ledger;
using Hostwire.Tests.Configuration;

namespace Hostwire.Tests.Simulation;

public sealed class FleetPublisherTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly FakeLogger _logger = new();
    private readonly SimulationCounters _counters = new();
    private readonly List<FakeFleetSender> _senders = [];
    private readonly LedgerWriter _ledger;
    private readonly FleetPublisher _publisher;

    public FleetPublisherTests()
    {
        _ledger = new LedgerWriter(LedgerPath);
        _publisher = new FleetPublisher(
            happened =>
            {
                _senders.Add(new FakeFleetSender(happened));
                return _senders[^1];
            },
            new KafkaOptions { BootstrapServers = "kafka:9092" },
            _ledger,
            _counters,
            _logger,
            _clock);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string LedgerPath => Path.Combine(_folder.Path, "ledger");

    public void Dispose()
    {
        _ledger.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_acknowledged_stands_in_the_ledger_with_its_place()
    {
        SimulatedRecord record = await SendAsync();
        _senders[0].Acknowledge(record, 42);
        await _publisher.WaitForRoomAsync(Cancelled);

        Assert.Equal((1, 0), (_counters.RecordsAcknowledged, _publisher.Waiting));
        Assert.Contains("\"partition\":0,\"offset\":42", Assert.Single(Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_fails_for_kafkas_sake_is_sent_again_after_a_while()
    {
        SimulatedRecord record = await SendAsync();
        _senders[0].Refuse(record, ErrorCode.RequestTimedOut);
        await WaitUntilSentAsync(2);
        _senders[0].Acknowledge(record, 7);
        await _publisher.WaitForRoomAsync(Cancelled);

        Assert.Equal([record, record], _senders.SelectMany(sender => sender.Sent));
        Assert.Equal((1, 1), (_counters.RecordsResent, _counters.RecordsAcknowledged));
        Assert.Single(Lines());
    }

    [Fact]
    public async Task When_a_producer_dies_another_sends_all_that_it_had_not_brought_home_and_its_last_words_are_void()
    {
        SimulatedRecord arrived = await SendAsync();
        SimulatedRecord lost = await SendAsync();
        _senders[0].Acknowledge(arrived, 1);
        _senders[0].Fail(ErrorCode.Local_Fatal, isFatal: true);
        await WaitUntilSentAsync(3);
        _senders[0].Acknowledge(lost, 99);
        _senders[1].Acknowledge(lost, 2);
        await _publisher.WaitForRoomAsync(Cancelled);

        Assert.True(_senders[0].IsDisposed);
        Assert.Equal([lost], _senders[1].Sent);
        Assert.Equal((2, 0), (_counters.RecordsAcknowledged, _publisher.Waiting));
        Assert.DoesNotContain(Lines(), line => line.Contains("99", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_record_that_kafka_refuses_is_put_down_as_refused()
    {
        SimulatedRecord record = await SendAsync();
        _senders[0].Refuse(record, ErrorCode.MsgSizeTooLarge);
        await _publisher.WaitForRoomAsync(Cancelled);

        Assert.Equal((1, 0), (_counters.RecordsRefused, _publisher.Waiting));
        Assert.Contains("\"unacknowledged\":\"refused: the test says MsgSizeTooLarge\"", Assert.Single(Lines()), StringComparison.Ordinal);
        Assert.Contains(_logger.Lines, line => line.Message.Contains("max.message.bytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_nobody_knows_about_at_the_end_is_in_the_ledger_as_such()
    {
        await SendAsync();
        await _publisher.DisposeAsync();
        _publisher.WriteUnacknowledged();

        Assert.True(_senders[0].IsDisposed);
        Assert.Contains("not acknowledged when the run ended", Assert.Single(Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_cannot_reach_kafka_at_all_is_told_why()
    {
        await SendAsync();
        _senders[0].Fail(ErrorCode.UnknownTopicOrPart);

        UserException error = await Assert.ThrowsAsync<UserException>(() => _publisher.WaitAsync(TimeSpan.FromSeconds(1), Cancelled));
        Assert.Contains("topic create", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_never_answers_is_waited_for_only_so_long()
    {
        await SendAsync();
        _clock.Advance(TimeSpan.FromSeconds(30));
        Task waiting = _publisher.WaitAsync(TimeSpan.FromSeconds(1), Cancelled);
        await _clock.NextTimerAsync();
        _clock.Advance(TimeSpan.FromSeconds(2));

        UserException error = await Assert.ThrowsAsync<UserException>(() => waiting);
        Assert.Contains("kafka:9092", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_of_records_that_arrived_are_used_again()
    {
        byte[] first = _publisher.Copy([1, 2, 3]);
        var buffers = new RecordBuffers();
        buffers.Return(first);

        Assert.Same(first, buffers.Copy([4, 5, 6]));
        Assert.Equal([4, 5, 6], first);
        Assert.NotSame(first, buffers.Copy([7, 8, 9]));
    }

    private async Task<SimulatedRecord> SendAsync()
    {
        await _publisher.WaitForRoomAsync(Cancelled);
        var record = new SimulatedRecord("sim-vm-00000", [1], [new LedgerFrame(1, 1, default)]);
        _counters.Records++;
        _publisher.Send(record);
        return record;
    }

    // Time passes until the publisher has sent so many in all; a wait that is over is begun anew.
    private async Task WaitUntilSentAsync(int count)
    {
        while (_senders.Sum(sender => sender.Sent.Count) < count)
        {
            Task waiting = _publisher.WaitAsync(TimeSpan.FromSeconds(1), Cancelled);
            _clock.Advance(TimeSpan.FromSeconds(2));
            await waiting;
        }
    }

    private string[] Lines()
    {
        _ledger.Flush();
        return File.ReadAllLines(LedgerPath);
    }
}
