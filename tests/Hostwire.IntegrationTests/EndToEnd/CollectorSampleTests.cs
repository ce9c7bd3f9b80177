using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>A real Collector's records, through a real Kafka and the published sink, read back as people read them.</summary>
public sealed class CollectorSampleTests(KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire) : IDisposable
{
    private const string Default = "collector-default";
    private const string AllScrapers = "collector-all-scrapers";
    private const int Shuffles = 1000;

    private readonly TestDirectory _files = new("samples");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_table_equals_the_truth_point_by_point_and_a_thousand_shuffles_add_nothing()
    {
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        byte[][] records = [.. CollectorSamples.Records(Default), .. CollectorSamples.Records(AllScrapers)];
        List<MetricPoint> truth = [.. CollectorSamples.Truth(Default), .. CollectorSamples.Truth(AllScrapers)];

        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", await WriteConfigAsync(topic, database)]);
        await kafka.Client.ProduceAsync(topic, records.Select(record => new RawRecord(record)), Cancellation);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        StoredPoints.AssertSame(truth, await StoredPoints.ReadAsync(database, Cancellation));
        string dictionary = await DictionaryAsync(database);

        var random = new Random(1);
        await kafka.Client.ProduceAsync(
            topic, Enumerable.Range(0, Shuffles).Select(i => new RawRecord(WireShuffle.Shuffle(records[i % records.Length], random))), Cancellation);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        Assert.Equal(dictionary, await DictionaryAsync(database));
        StoredPoints.AssertSame(truth, await StoredPoints.ReadAsync(database, Cancellation));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM hostwire.conflict) + (SELECT count(*) FROM hostwire.dead_letter)", Cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    // The samples are of one day of 2026, and the tests are run for years.
    private Task<string> WriteConfigAsync(string topic, TestDatabase database) =>
        _files.WriteAsync("sink.toml", SinkSettings.Text(kafka, topic, database, "retention_days = 3650"));

    private static Task<string> DictionaryAsync(TestDatabase database) => database.ScalarAsync<string>(
        """
        SELECT format('%s layouts, %s series, %s metrics, %s hosts, %s frames',
          (SELECT count(*) FROM hostwire.layout), (SELECT count(*) FROM hostwire.series), (SELECT count(*) FROM hostwire.metric),
          (SELECT count(*) FROM hostwire.host), (SELECT count(*) FROM hostwire.frame))
        """,
        Cancellation)!;
}
