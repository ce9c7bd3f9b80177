using Hostwire.Configuration;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>What a running sink does when the topic changes under it.</summary>
public sealed class SinkTopicTests(KafkaBroker broker, PostgresServer postgres)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_that_are_deleted_before_a_running_sink_comes_to_them_are_a_gap_and_it_goes_on()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        var host = new SyntheticHost("web-1", seed: 1);
        // Small batches: two wait and one is being filled, then the sink reads no further.
        await using var sink = new RunningSink(broker, topic, database.Uri, new SinkOptions { Group = topic, BatchMaxBytes = 1 });
        await sink.UntilAsync(counters => counters.Claims == 1, "a claim");
        await using (NpgsqlConnection holder = await database.DataSource.OpenConnectionAsync(Cancelled))
        await using (NpgsqlTransaction hold = await holder.BeginTransactionAsync(Cancelled))
        {
            await using var command = new NpgsqlCommand("lock table hostwire.kafka_offset in access exclusive mode", holder);
            await command.ExecuteNonQueryAsync(Cancelled);
            await ProduceAsync(topic, host, 3);
            await sink.UntilAsync(counters => counters.RecordsConsumed == 3, "three records to be read");
            await ProduceAsync(topic, new SyntheticHost("lost", seed: 2), 4);
            // Now it has stopped fetching and thrown away what it had fetched ahead.
            await Task.Delay(TimeSpan.FromSeconds(3), Cancelled);
            await broker.Client.DeleteRecordsAsync(topic, partition: 0, offset: 7);
            await ProduceAsync(topic, host, 5);
        }

        await sink.StoredAsync(8);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal("3-7", await database.ScalarAsync<string>("select from_offset || '-' || to_offset from hostwire.gap", Cancelled));
    }

    [Fact]
    public async Task A_topic_made_again_under_a_running_sink_is_read_from_its_start()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        var host = new SyntheticHost("web-1", seed: 1);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await ProduceAsync(topic, host, 5);
        await sink.StoredAsync(5);
        await broker.Client.DeleteTopicAsync(topic);
        await broker.Client.CreateTopicAsync(topic);
        await ProduceAsync(topic, host, 3);
        await sink.StoredAsync(8);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from hostwire.gap where to_offset is null", Cancelled));
    }

    [Fact]
    public async Task A_topic_that_is_missing_at_the_start_is_read_once_it_is_there()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        await broker.EnsureStartedAsync(Cancelled);
        string topic = $"test_{Guid.NewGuid():n}";
        var host = new SyntheticHost("web-1", seed: 1);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await Eventually.TrueAsync(async () => await database.ScalarAsync<bool>("select to_regclass('hostwire.frame') is not null", Cancelled), "the schema", Cancelled);
        await broker.Client.CreateTopicAsync(topic);
        await ProduceAsync(topic, host, 5);
        await sink.StoredAsync(5);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
    }

    [Fact]
    public async Task Partitions_that_are_added_are_read_from_their_start()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        var host = new SyntheticHost("web-1", seed: 1);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await ProduceAsync(topic, host, 5);
        await sink.StoredAsync(5);
        await broker.Client.AddPartitionsAsync(topic, 3);
        // A producer of its own: the shared one may not know the new partitions for minutes.
        using var client = new KafkaClient(broker.BootstrapServers);
        await client.ProduceAsync(topic, Enumerable.Range(0, 6).Select(index => new RawRecord(host.NextRecord(), Partition: index % 3)), Cancelled);
        await sink.StoredAsync(11);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
    }

    private async Task ProduceAsync(string topic, SyntheticHost host, int records) =>
        await broker.Client.ProduceAsync(topic, Enumerable.Range(0, records).Select(_ => new RawRecord(host.NextRecord())), Cancelled);
}
