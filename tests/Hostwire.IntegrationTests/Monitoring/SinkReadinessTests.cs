using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Monitoring;

/// <summary>What a sink says of itself from outside while PostgreSQL goes away and comes back.</summary>
public sealed class SinkReadinessTests(KafkaBroker kafka, PublishedBinary hostwire) : IDisposable
{
    private readonly TestDirectory _files = new("readiness");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Sinks_without_anything_to_store_are_unready_while_postgresql_is_away_also_the_one_that_waits_for_a_partition()
    {
        await using var postgres = PostgresServer.CreateOwn();
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        string topic = await kafka.CreateTopicAsync(partitions: 1, cancellationToken: Cancellation);
        (int port, int otherPort) = (FreePort.Next(), FreePort.Next());
        await using ChildProcess sink = await StartAsync(topic, database, port);
        using var one = new MonitoredProcess(sink, port);
        await one.ReadyAsync(true, "ok");
        await using ChildProcess otherSink = await StartAsync(topic, database, otherPort);
        using var other = new MonitoredProcess(otherSink, otherPort);
        await other.ReadyAsync(true, "ok");
        await one.ReadyAsync(true, "ok");
        Assert.Equal(1, await one.SumAsync("hostwire_sink_partitions") + await other.SumAsync("hostwire_sink_partitions"));

        await postgres.StopAsync(Cancellation);
        await Task.WhenAll(one.ReadyAsync(false, "PostgreSQL at"), other.ReadyAsync(false, "PostgreSQL at"));
        Assert.Equal(0, await one.SumAsync("hostwire_ready"));

        await postgres.StartAsync(Cancellation);
        await Task.WhenAll(one.ReadyAsync(true, "ok"), other.ReadyAsync(true, "ok"));

        // An attempt every few seconds, not as fast as it goes.
        Assert.InRange(await one.SumAsync("hostwire_sink_database_errors_total"), 1, 50);
        await SinkSettings.StopAsync(sink, Cancellation);
        await SinkSettings.StopAsync(otherSink, Cancellation);
    }

    private async Task<ChildProcess> StartAsync(string topic, TestDatabase database, int port)
    {
        string settings = await _files.WriteAsync($"sink-{port}.toml", SinkSettings.Text(kafka, topic, database, $"[metrics]\nsink_listen = \"127.0.0.1:{port}\""));
        return await hostwire.StartAsync(["sink", "--config", settings]);
    }
}
