using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Faults.Rows;
using Hostwire.IntegrationTests.Rig;

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
        await broker.Client.ProduceAsync(topic, [new RawRecord(host.NextRecord())], Cancelled);
        ProxiedConnection frozen = await wire.Tripped.WaitAsync(ChildProcess.Deadline, Cancelled);

        // As the sink does that takes over. It waits for the server to end the transaction: within the 30 s that a statement may take.
        await database.ExecuteAsync("update hostwire.kafka_offset set owner_epoch = owner_epoch + 1, owner = 'another'", Cancelled);
        frozen.Release();
        await sink.StoredAsync(1);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
    }
}
