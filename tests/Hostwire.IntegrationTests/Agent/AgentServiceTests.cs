using System.Text;
using Confluent.Kafka;
using Hostwire.Agent;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Rig;
using Microsoft.Extensions.Logging;

namespace Hostwire.IntegrationTests.Agent;

public sealed class AgentServiceTests(KafkaBroker broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_scrape_is_one_record_under_the_hosts_name_that_decodes_to_every_point_taken()
    {
        string topic = await broker.CreateTopicAsync(partitions: 3, LogAppendTime(), Cancellation);
        await using var agent = new RunningAgent(Plain(topic));
        await agent.AcknowledgedAsync(3);
        Assert.Equal(ExitCode.Success, await agent.StopAsync());

        IReadOnlyList<ConsumeResult<byte[], byte[]>> records = await broker.Client.ConsumeAllAsync(topic, Cancellation);
        Assert.Equal(agent.Counters.ScrapesTaken, records.Count);
        Assert.Equal(agent.Counters.PointsTaken, records.Sum(AgentRecords.CountPoints));
        Assert.All(records, record => Assert.Equal(RunningAgent.HostName, Encoding.UTF8.GetString(record.Message.Key)));
        Assert.All(records, record => Assert.True(AgentRecords.ResourceSays(record, RunningAgent.HostName) && AgentRecords.ResourceSays(record, RunningAgent.HostId)));
        Assert.All(records, record => Assert.Equal(TimestampType.LogAppendTime, record.Message.Timestamp.Type));
        Assert.Single(records.Select(record => record.Partition.Value).Distinct());
        Assert.Contains("system.memory.usage", AgentRecords.Metrics(records[0]), StringComparer.Ordinal);
        ulong[] times = [.. records.SelectMany(AgentRecords.Times)];
        Assert.Equal(times.Order().Distinct(), times);
    }

    [Fact]
    public async Task Missing_topic_is_waited_for_and_nothing_is_lost()
    {
        await broker.EnsureStartedAsync(Cancellation);
        string topic = $"test_{Guid.NewGuid():n}";
        await using var agent = new RunningAgent(Plain(topic));
        await agent.LoggedAsync("hostwire topic create");
        await agent.WaitingAsync(3);
        await broker.Client.CreateTopicAsync(topic);
        await agent.AcknowledgedAsync(4);
        await AssertNothingLostAsync(broker, topic, agent);
        Assert.Single(agent.Log.All, line => line.Level == LogLevel.Error);
    }

    [Fact]
    public async Task Scrape_too_large_for_the_topic_arrives_in_parts()
    {
        string topic = await broker.CreateTopicAsync(config: new(StringComparer.Ordinal) { ["max.message.bytes"] = "1500" }, cancellationToken: Cancellation);
        await using var agent = new RunningAgent(Plain(topic));
        await agent.AcknowledgedAsync(6);
        await agent.StopAsync();

        IReadOnlyList<ConsumeResult<byte[], byte[]>> records = await broker.Client.ConsumeAllAsync(topic, Cancellation);
        Assert.True(records.Count > agent.Counters.ScrapesTaken);
        Assert.Equal(agent.Counters.RecordsAcknowledged, records.Count);
        Assert.Equal(agent.Counters.RecordsSplit, records.Count - agent.Counters.ScrapesTaken);
        Assert.Equal(agent.Counters.PointsTaken, records.Sum(AgentRecords.CountPoints));
        Assert.Equal(0, agent.Counters.RecordsDropped);
    }

    [Fact]
    public async Task Stop_while_kafka_is_away_ends_in_time_and_counts_what_is_lost()
    {
        await using var agent = new RunningAgent(new KafkaOptions { BootstrapServers = $"127.0.0.1:{FreePort.Next()}", Security = "plaintext" });
        await agent.WaitingAsync(2);
        Assert.Equal(ExitCode.Success, await agent.StopAsync());
        Assert.Equal(agent.Counters.ScrapesTaken, agent.Counters.RecordsDropped);
        Assert.True(agent.Log.Has("has not acknowledged; they are lost"));
    }

    [Fact]
    public async Task One_scrape_is_sent_and_acknowledged_before_the_command_ends()
    {
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancellation);
        using var log = new LogLines();
        var agent = new AgentService(new HostwireOptions { Kafka = Plain(topic) }, log, TimeProvider.System);
        Assert.Equal(ExitCode.Success, await agent.SendOnceAsync(TimeSpan.FromMilliseconds(100), Cancellation));
        IReadOnlyList<ConsumeResult<byte[], byte[]>> records = await broker.Client.ConsumeAllAsync(topic, Cancellation);
        Assert.Contains("system.cpu.utilization", AgentRecords.Metrics(Assert.Single(records)), StringComparer.Ordinal);
    }

    [Fact]
    public async Task One_scrape_for_a_missing_topic_fails_with_the_command_that_makes_it()
    {
        await broker.EnsureStartedAsync(Cancellation);
        using var log = new LogLines();
        var agent = new AgentService(new HostwireOptions { Kafka = Plain("absent") }, log, TimeProvider.System);
        UserException error = await Assert.ThrowsAsync<UserException>(() => agent.SendOnceAsync(TimeSpan.Zero, Cancellation));
        Assert.Contains("hostwire topic create", error.Message, StringComparison.Ordinal);
        Assert.Empty(log.All);
    }

    /// <summary>Stops the agent, and holds the topic against what it took: every scrape once, in order.</summary>
    internal static async Task AssertNothingLostAsync(KafkaBroker broker, string topic, RunningAgent agent)
    {
        await agent.StopAsync();
        IReadOnlyList<ConsumeResult<byte[], byte[]>> records = await broker.Client.ConsumeAllAsync(topic, Cancellation);
        Assert.Equal(0, agent.Counters.RecordsDropped);
        Assert.Equal(agent.Counters.ScrapesTaken, records.Count);
        Assert.Equal(agent.Counters.PointsTaken, records.Sum(AgentRecords.CountPoints));
        ulong[] times = [.. records.SelectMany(AgentRecords.Times)];
        Assert.Equal(times.Order().Distinct(), times);
    }

    private static Dictionary<string, string> LogAppendTime() => new(StringComparer.Ordinal) { ["message.timestamp.type"] = "LogAppendTime" };

    private KafkaOptions Plain(string topic) => new() { BootstrapServers = broker.BootstrapServers, Security = "plaintext", Topic = topic };
}
