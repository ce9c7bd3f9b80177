using Confluent.Kafka;
using Hostwire.IntegrationTests.Agent;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Faults.Rows;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Kafka;
using Hostwire.Sink;
using Npgsql;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>A sink whose machine stands still keeps its connections open.</summary>
public sealed class SinkFrozenTests(KafkaBroker broker, PostgresServer postgres)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Locks_of_a_sink_that_stands_still_within_a_transaction_are_free_after_seconds()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        var host = new SyntheticHost("web-1", seed: 1);
        await using var proxy = new FaultProxy(postgres.Port);
        var throughProxy = new UriBuilder(database.Uri) { Port = proxy.Port };
        Tripwire wire = proxy.Lay(BatchSteps.Wire(BatchStep.AfterCompareAndSet, bytes: 0));
        await using var sink = new RunningSink(broker.BootstrapServers, topic, throughProxy.Uri.AbsoluteUri);
        await broker.Client.ProduceAsync(topic, [new Rig.RawRecord(host.NextRecord())], Cancelled);
        ProxiedConnection frozen = await wire.Tripped.WaitAsync(ChildProcess.Deadline, Cancelled);

        // As the sink does that takes over. It waits for the server to end the transaction: within the 30 s that a statement may take.
        await database.ExecuteAsync("update hostwire.kafka_offset set owner_epoch = owner_epoch + 1, owner = 'another'", Cancelled);
        frozen.Release();
        await sink.StoredAsync(1);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
    }

    [Fact]
    public async Task Whoever_claims_a_partition_ends_the_session_of_a_sink_that_stands_still_in_the_middle_of_a_copy()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        using var log = new LogLines();
        var claims = new ClaimStore("group", "another", new SinkCounters(TimeProvider.System), log);
        var partition = new TopicPartition("topic", 0);
        var facts = new PartitionFacts("cluster", "id", Earliest: 0, Latest: 10);
        await using NpgsqlConnection one = await database.Sink.OpenConnectionAsync(Cancelled);
        await claims.ClaimAsync(one, partition, facts, () => Task.FromResult(facts), Cancelled);

        // What a batch has done when its sink is frozen. The limit for statements is over at once, and the server does not look at it.
        await using NpgsqlConnection frozen = await database.Sink.OpenConnectionAsync(Cancelled);
        await using NpgsqlTransaction transaction = await frozen.BeginTransactionAsync(Cancelled);
        await using (var command = new NpgsqlCommand("set local statement_timeout = 500; update hostwire.kafka_offset set next_offset = 5", frozen))
        {
            await command.ExecuteNonQueryAsync(Cancelled);
        }

        NpgsqlRawCopyStream copy = await frozen.BeginRawBinaryCopyAsync("copy hostwire.frame (time, host_id, layout_id, slot, values) from stdin (format binary)", Cancelled);
        PartitionClaim claim = await claims.ClaimAsync(one, partition, facts, () => Task.FromResult(facts), Cancelled);
        Assert.Equal((2, 0), (claim.Epoch, claim.NextOffset));
        Assert.True(log.Has("its session was ended"));
        await Assert.ThrowsAnyAsync<Exception>(async () => await copy.DisposeAsync());
        Assert.NotEqual(System.Data.ConnectionState.Open, frozen.State);
    }
}
