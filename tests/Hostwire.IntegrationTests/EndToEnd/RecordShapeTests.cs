using Hostwire.IntegrationTests.Rig;
using Hostwire.IntegrationTests.Sink;
using Hostwire.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>Records of unusual size, and a host that is new with every scrape: through a real Kafka into the table, and what they leave in the dictionary.</summary>
public sealed class RecordShapeTests(KafkaBroker broker, PostgresServer postgres)
{
    private const int Scrapes = 360;
    private const int Processes = 76;
    private const int Changing = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_record_of_ten_thousand_points_and_one_of_one_point_are_stored_as_they_were_sent()
    {
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        var large = new SyntheticHost("large", seed: 1, gaugePoints: 9_999);
        var small = new SyntheticHost("small", seed: 2, gaugePoints: 0);
        await broker.Client.ProduceAsync(topic, [new(large.NextRecord()), new(small.NextRecord()), new(large.NextRecord()), new(small.NextRecord())], Cancellation);
        Assert.Equal(20_002, large.Sent.Count + small.Sent.Count);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await sink.StoredAsync(4);
            await sink.StopAsync();
        }

        StoredPoints.AssertSame([.. large.Sent, .. small.Sent], await StoredPoints.ReadAsync(database, Cancellation));
        // 10,000 series in layouts of 240 at most.
        Assert.Equal("43 layouts, 10000 series, 2 metrics, 2 hosts", await DictionaryAsync(database));
    }

    [Fact]
    public async Task A_host_whose_processes_change_with_every_scrape_makes_a_layout_a_process_and_all_of_it_goes_again()
    {
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        var churning = new ChurningHost("web-1", Processes, Changing);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await broker.Client.ProduceAsync(topic, Enumerable.Range(0, Scrapes).Select(_ => new RawRecord(churning.NextRecord())), Cancellation);
        await sink.StoredAsync(Scrapes);
        StoredPoints.AssertSame(churning.Sent, await StoredPoints.ReadAsync(database, Cancellation));
        Assert.Equal(Processes + ((Scrapes - 1) * Changing), churning.ProcessesSeen);
        int series = churning.ProcessesSeen * ChurningHost.Series.Count;
        Assert.Equal($"{churning.ProcessesSeen} layouts, {series} series, 3 metrics, 1 hosts", await DictionaryAsync(database));

        // A month later nothing of it is left but what is still sent; the sink has been running all the time.
        await database.ExecuteAsync("""
            truncate hostwire.frame;
            update hostwire.layout set last_seen = now() - interval '100 days';
            update hostwire.host set last_seen = now() - interval '100 days';
            """, Cancellation);
        var steady = new ChurningHost("web-1", Processes, changing: 0);
        await broker.Client.ProduceAsync(topic, [new(steady.NextRecord())], Cancellation);
        await sink.StoredAsync(Scrapes + 1);
        int gone = churning.ProcessesSeen - Processes;
        Assert.Equal([$"mark unused layout: done: {gone} rows"], await MaintainAsync(database));
        Assert.Equal([$"remove unused layout: done: {gone} rows", $"mark unused series: done: {gone * 3} rows"], await MaintainAsync(database));
        Assert.Equal([$"remove unused series: done: {gone * 3} rows"], await MaintainAsync(database));
        Assert.Equal($"{Processes} layouts, {Processes * 3} series, 3 metrics, 1 hosts", await DictionaryAsync(database));

        // A process of then is there again: the sink remembers its numbers, and the database does not hold them any more.
        var again = new ChurningHost("web-1", Processes + Changing, changing: 0);
        await broker.Client.ProduceAsync(topic, [new(again.NextRecord())], Cancellation);
        await sink.StoredAsync(Scrapes + 2);
        await sink.StopAsync();
        StoredPoints.AssertSame([.. steady.Sent, .. again.Sent], await StoredPoints.ReadAsync(database, Cancellation));
        Assert.Equal($"{Processes + Changing} layouts, {(Processes + Changing) * 3} series, 3 metrics, 1 hosts", await DictionaryAsync(database));
    }

    /// <summary>A day after the last time.</summary>
    private static async Task<string[]> MaintainAsync(TestDatabase database)
    {
        await database.ExecuteAsync("""
            update hostwire.layout set marked_at = marked_at - interval '1 day';
            update hostwire.series set marked_at = marked_at - interval '1 day';
            """, Cancellation);
        await using NpgsqlConnection connection = await database.Sink.OpenConnectionAsync(Cancellation);
        IReadOnlyList<MaintenanceStep> steps = await Maintenance.RunAsync(connection, NullLogger.Instance, Cancellation);
        return [.. steps.Where(step => step.Task is not "analyze").Select(step => $"{step.Task} {step.Object}: {step.Outcome}")];
    }

    private static async Task<string> DictionaryAsync(TestDatabase database) => (await database.ScalarAsync<string>(
        """
        select format('%s layouts, %s series, %s metrics, %s hosts', (select count(*) from hostwire.layout), (select count(*) from hostwire.series),
          (select count(*) from hostwire.metric), (select count(*) from hostwire.host))
        """,
        Cancellation))!;
}
