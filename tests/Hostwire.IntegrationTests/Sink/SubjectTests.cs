using Hostwire.IntegrationTests.Rig;
using Hostwire.Metrics;
using Hostwire.Otlp;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>What an agent says of its host's programs, in the database.</summary>
public sealed class SubjectTests(KafkaBroker broker, PostgresServer postgres)
{
    private static readonly Metric Memory = new()
    {
        Name = "process.memory.usage",
        Unit = "By",
        Kind = MetricKind.UpDown,
        IsInteger = true,
        Description = "For a test.",
        Source = "nowhere",
        SubjectKeys = ["process.executable.name"],
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Programs_stand_under_their_names_with_one_layout_each_and_belong_to_the_host()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        var encoder = new OtlpEncoder(new HostIdentity("web-1", "0123"), 1, "0");
        Series[] programs = [.. new[] { "postgres", "nginx", "java" }.Select(name => new Series(Memory) { Subject = new Subject(Memory.SubjectKeys, [name]) })];
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            // Each two of the three, in both orders: as a set of series each pair would be a layout.
            int records = 0;
            foreach ((int first, int second) in new[] { (0, 1), (1, 0), (1, 2), (2, 0) })
            {
                var scrape = new Scrape();
                scrape.BeginGroup((TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + records) * 1_000_000);
                scrape.Add(programs[first], first + 1L);
                scrape.Add(programs[second], second + 1L);
                await broker.Client.ProduceAsync(topic, [new(encoder.Encode(scrape.Points).ToArray())], Cancelled);
                await sink.StoredAsync(++records);
            }
        }

        Assert.Equal("3 8 1", await database.ScalarAsync<string>(
            "select concat_ws(' ', (select count(*) from hostwire.layout), (select count(*) from hostwire.frame), (select count(*) from hostwire.host))", Cancelled));
        Assert.Equal("java 3 2, nginx 2 3, postgres 1 3", await database.ScalarAsync<string>(
            """
            select string_agg(concat_ws(' ', name, value, points), ', ' order by name)
            from (select attributes ->> 'process.executable.name' as name, value, count(*) as points from hostwire.metrics where host = 'web-1' group by 1, 2) m
            """,
            Cancelled));
    }
}
