using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>A real Collector's records, through a real Kafka and the published sink, read back as people read them.</summary>
public sealed class CollectorSampleTests(KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire) : IDisposable
{
    private const string Default = "collector-default";
    private const string AllScrapers = "collector-all-scrapers";
    private const string Json = "collector-json";
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
        Assert.Equal(0L, await database.AdminScalarAsync<long>("SELECT (SELECT count(*) FROM hostwire.conflict) + (SELECT count(*) FROM hostwire.dead_letter)", Cancellation));
    }

    [Fact]
    public async Task Collectors_in_protobuf_and_json_and_our_agent_stand_side_by_side_in_the_same_views()
    {
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        string[] samples = [Default, AllScrapers, Json];
        string config = await WriteConfigAsync(topic, database, """
            [agent]
            host_name = "our-agent"
            """);
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config]);
        foreach (string sample in samples)
        {
            // The Collector sends no key and names no host; the key stands in for the name, so that each has rates of its own.
            await kafka.Client.ProduceAsync(topic, CollectorSamples.Records(sample).Select(record => new RawRecord(record, System.Text.Encoding.UTF8.GetBytes(sample))), Cancellation);
        }

        for (int scrape = 0; scrape < 2; scrape++)
        {
            RunResult agent = await hostwire.RunAsync(["agent", "--once", "--config", config], cancellationToken: Cancellation);
            Assert.True(agent.ExitCode == 0, agent.StandardError);
        }

        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        List<MetricPoint> stored = await StoredPoints.ReadAsync(database, Cancellation);
        StoredPoints.AssertSame(
            [.. samples.SelectMany(sample => CollectorSamples.Truth(sample, sample))], [.. stored.Where(point => point.Host is not "our-agent")]);
        Assert.Equal(0L, await database.AdminScalarAsync<long>("SELECT (SELECT count(*) FROM hostwire.conflict) + (SELECT count(*) FROM hostwire.dead_letter)", Cancellation));

        string everybody = string.Join(',', [.. samples.Append("our-agent").Order(StringComparer.Ordinal)]);
        foreach (string view in (string[])["metrics", "rates", "cpu", "memory", "network", "load"])
        {
            Assert.Equal(everybody, await database.ScalarAsync<string>($"SELECT string_agg(DISTINCT host, ',' ORDER BY host) FROM hostwire.{view}", Cancellation));
        }

        Assert.Equal(everybody, await database.ScalarAsync<string>("SELECT string_agg(DISTINCT hostname, ',' ORDER BY hostname) FROM hostwire.system_metrics WHERE metric = 'memory_use'", Cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    // The samples are of one day of 2026, and the tests are run for years.
    private Task<string> WriteConfigAsync(string topic, TestDatabase database, string more = "") =>
        _files.WriteAsync("sink.toml", SinkSettings.Text(kafka, topic, database, $"retention_days = 3650\n{more}"));

    private static Task<string> DictionaryAsync(TestDatabase database) => database.ScalarAsync<string>(
        """
        SELECT format('%s layouts, %s series, %s metrics, %s hosts, %s frames',
          (SELECT count(*) FROM hostwire.layout), (SELECT count(*) FROM hostwire.series), (SELECT count(*) FROM hostwire.metric),
          (SELECT count(*) FROM hostwire.host), (SELECT count(*) FROM hostwire.frame))
        """,
        Cancellation)!;
}
