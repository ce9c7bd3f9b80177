using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>A sink that is told to stop ends with success, whatever is away meanwhile.</summary>
public sealed class SinkStopTests(KafkaBroker broker, PostgresServer postgres)
{
    // Ten seconds are promised; the machine of the tests may be busy.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(25);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sink_stops_while_it_waits_for_a_PostgreSQL_that_has_never_been_there()
    {
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        await using var sink = new RunningSink(broker, topic, $"postgres://nobody:secret@127.0.0.1:{FreePort.Next()}/none?sslmode=disable");
        await AssertStopsAsync(sink);
    }

    [Fact]
    public async Task A_sink_stops_while_PostgreSQL_is_away()
    {
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        await using PostgresServer own = PostgresServer.CreateOwn();
        await using TestDatabase database = await own.CreateDatabaseAsync(Cancelled);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await sink.UntilAsync(counters => counters.Claims == 1, "a claim");
        await own.KillAsync(Cancelled);
        await ProduceAsync(broker, topic, 5);
        await sink.UntilAsync(counters => counters.RecordsConsumed >= 5, "the records to be read");
        await AssertStopsAsync(sink);
    }

    [Fact]
    public async Task A_sink_stops_while_PostgreSQL_hangs()
    {
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        await using PostgresServer own = PostgresServer.CreateOwn();
        await using TestDatabase database = await own.CreateDatabaseAsync(Cancelled);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await sink.UntilAsync(counters => counters.Claims == 1, "a claim");
        await using NpgsqlConnection holder = await database.DataSource.OpenConnectionAsync(Cancelled);
        await using (NpgsqlTransaction hold = await holder.BeginTransactionAsync(Cancelled))
        {
            await using var command = new NpgsqlCommand("lock table hostwire.kafka_offset in access exclusive mode", holder);
            await command.ExecuteNonQueryAsync(Cancelled);
            await ProduceAsync(broker, topic, 5);
            await sink.UntilAsync(counters => counters.RecordsConsumed >= 5, "the records to be read");
            // Requests to cancel hang as well.
            own.Signal(UnixSignal.Stop);
            try
            {
                await AssertStopsAsync(sink);
            }
            finally
            {
                own.Signal(UnixSignal.Continue);
            }
        }
    }

    [Fact]
    public async Task A_sink_stops_while_Kafka_has_never_been_there()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        await using var sink = new RunningSink($"127.0.0.1:{FreePort.Next()}", "absent", database.Uri);
        await Eventually.TrueAsync(async () => await database.ScalarAsync<bool>("select to_regclass('hostwire.frame') is not null", Cancelled), "the schema", Cancelled);
        await AssertStopsAsync(sink);
    }

    [Theory]
    [InlineData(UnixSignal.Kill)]
    [InlineData(UnixSignal.Stop)]
    public async Task A_sink_stops_while_Kafka_is_away(UnixSignal how)
    {
        await using KafkaBroker own = KafkaBroker.CreateOwn();
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        string topic = await own.CreateTopicAsync(cancellationToken: Cancelled);
        await using var sink = new RunningSink(own, topic, database.Uri);
        await ProduceAsync(own, topic, 5);
        await sink.StoredAsync(5);
        own.Signal(how);
        // A claim that is lost now has to ask a broker that does not answer.
        await database.ExecuteAsync("update hostwire.kafka_offset set owner_epoch = owner_epoch + 1", Cancelled);
        await Task.Delay(TimeSpan.FromSeconds(2), Cancelled);
        await AssertStopsAsync(sink);
        Assert.Equal(5L, await database.ScalarAsync<long>("select next_offset from hostwire.kafka_offset", Cancelled));
    }

    private static async Task AssertStopsAsync(RunningSink sink) => Assert.Equal(ExitCode.Success, await sink.StopAsync().WaitAsync(Deadline, Cancelled));

    private static async Task ProduceAsync(KafkaBroker to, string topic, int records)
    {
        var host = new SyntheticHost("web-1", seed: 1);
        await to.Client.ProduceAsync(topic, Enumerable.Range(0, records).Select(_ => new RawRecord(host.NextRecord())), Cancelled);
    }
}
