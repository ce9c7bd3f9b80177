using Hostwire.IntegrationTests.Rig;
using Hostwire.Metrics;
using Hostwire.Otlp;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>What hosts say of themselves, in the database.</summary>
public sealed class HostAttributesTests(KafkaBroker broker, PostgresServer postgres)
{
    private const string Attributes = "select attributes - 'host.name' - 'os.type' from hostwire.host where name = 'web-1'";

    private static readonly Metric Load = new()
    {
        Name = "system.cpu.load_average.1m",
        Unit = "{thread}",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = "For a test.",
        Source = "nowhere",
    };

    private long _lastTime = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Attributes_of_a_host_are_those_last_seen_and_its_row_is_written_only_when_they_change()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await StoreAsync(sink, topic, 1, ("host.env", "test"), ("host.role", "db"));
            Assert.Equal("""{"host.env": "test", "host.role": "db"}""", await ReadAsync(database, Attributes));
            string? row = await ReadAsync(database, "select xmin::text || ctid::text from hostwire.host");
            await StoreAsync(sink, topic, 2, ("host.env", "test"), ("host.role", "db"));
            await StoreAsync(sink, topic, 3, ("host.role", "db"));
            Assert.Equal(row, await ReadAsync(database, "select xmin::text || ctid::text from hostwire.host"));
            await StoreAsync(sink, topic, 4, ("host.env", "prod"), ("cloud.region", "eu-west-1"));
            Assert.Equal("""{"host.env": "prod", "host.role": "db", "cloud.region": "eu-west-1"}""", await ReadAsync(database, Attributes));
        }

        // A sink that starts anew knows no host: it finds the row, and what is new meanwhile goes into it.
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await StoreAsync(sink, topic, 1, ("host.env", "stage"));
            Assert.Equal("""{"host.env": "stage", "host.role": "db", "cloud.region": "eu-west-1"}""", await ReadAsync(database, Attributes));
        }

        Assert.Equal("1 1 5", await ReadAsync(
            database, "select concat_ws(' ', (select count(*) from hostwire.host), (select count(*) from hostwire.layout), (select count(*) from hostwire.frame))"));
    }

    [Fact]
    public async Task Attributes_that_the_rules_list_as_those_of_hosts_make_no_series_of_their_own()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await sink.UntilAsync(counters => counters.Claims == 1, "the schema and a claim");
        }

        await database.ExecuteAsync("""update hostwire.setting set value = jsonb_set(value, '{host_attributes}', '["deployment.*"]') where name = 'frame_rules'""", Cancelled);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await StoreAsync(sink, topic, 1, ("deployment.environment.name", "test"));
            await StoreAsync(sink, topic, 2, ("deployment.environment.name", "prod"));
        }

        Assert.Equal("""{"deployment.environment.name": "prod"}""", await ReadAsync(database, Attributes));
        Assert.Equal("{}", await ReadAsync(database, "select string_agg(attributes::text, ' ') from hostwire.series"));
    }

    private async Task StoreAsync(RunningSink sink, string topic, int records, params (string Key, string Value)[] attributes)
    {
        var host = new HostIdentity("web-1", null) { Attributes = [.. attributes.Select(attribute => KeyValuePair.Create(attribute.Key, attribute.Value))] };
        var scrape = new Scrape();
        scrape.BeginGroup(_lastTime += 1_000_000);
        scrape.Add(new Series(Load), 0.5);
        await broker.Client.ProduceAsync(topic, [new(new OtlpEncoder(host, 1, "0").Encode(scrape.Points).ToArray())], Cancelled);
        await sink.StoredAsync(records);
    }

    private static Task<string?> ReadAsync(TestDatabase database, string sql) => database.ScalarAsync<string>($"select ({sql})::text", Cancelled);
}
