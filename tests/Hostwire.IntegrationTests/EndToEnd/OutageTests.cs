using System.Text;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>Dependencies that go away and come back: one sentence says so, nothing is lost, and nobody has to restart anything.</summary>
public sealed class OutageTests(KafkaBroker sharedKafka, PostgresServer sharedPostgres, PublishedBinary hostwire) : IDisposable
{
    private const int Records = 200;

    private readonly TestDirectory _files = new("outage");
    private readonly SyntheticHost _host = new("host-1", seed: 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sink_waits_for_a_postgresql_that_went_away_and_stores_everything(bool killed)
    {
        await using var postgres = PostgresServer.CreateOwn();
        string topic = await sharedKafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        await using ChildProcess sink = await StartSinkAsync(sharedKafka, topic, database);
        await ProduceAsync(sharedKafka, topic);
        await SinkSettings.WaitUntilAllIsStoredAsync(sharedKafka, topic, database, Cancellation, sink);

        await (killed ? postgres.KillAsync(Cancellation) : postgres.StopAsync(Cancellation));
        await ProduceAsync(sharedKafka, topic);
        await sink.WaitForLineAsync(line => line.Contains($"{postgres.Host}:{postgres.Port}", StringComparison.Ordinal), Cancellation);
        await postgres.StartAsync(Cancellation);
        await SinkSettings.WaitUntilAllIsStoredAsync(sharedKafka, topic, database, Cancellation, sink);
        await SinkSettings.StopAsync(sink, Cancellation);
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sink_waits_for_a_kafka_that_went_away_and_stores_everything(bool killed)
    {
        await using var kafka = KafkaBroker.CreateOwn();
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await sharedPostgres.CreateDatabaseAsync(Cancellation);
        await using ChildProcess sink = await StartSinkAsync(kafka, topic, database);
        await ProduceAsync(kafka, topic);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);

        await (killed ? kafka.KillAsync(Cancellation) : kafka.StopAsync(Cancellation));
        await sink.WaitForLineAsync(line => line.Contains("cannot be reached", StringComparison.Ordinal), Cancellation);
        await kafka.StartAsync(Cancellation);
        await ProduceAsync(kafka, topic);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        await SinkSettings.StopAsync(sink, Cancellation);
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private async Task<ChildProcess> StartSinkAsync(KafkaBroker kafka, string topic, TestDatabase database) =>
        await hostwire.StartAsync(["sink", "--config", await _files.WriteAsync("sink.toml", SinkSettings.Text(kafka, topic, database))]);

    private async Task ProduceAsync(KafkaBroker kafka, string topic) => await kafka.Client.ProduceAsync(
        topic, Enumerable.Range(0, Records).Select(_ => new RawRecord(_host.NextRecord(), Encoding.UTF8.GetBytes(_host.Name))), Cancellation);
}
