using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>What is missing when agent and sink start: one sentence that names the fix; then an exit code, or patience.</summary>
public sealed class StartFaultTests(KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire) : IDisposable
{
    private readonly TestDirectory _files = new("start-faults");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Agent_and_sink_wait_for_a_topic_that_is_missing_and_lose_no_scrape()
    {
        await kafka.EnsureStartedAsync(Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        string topic = $"missing_{Guid.NewGuid():n}";
        string config = await WriteAsync(kafka.BootstrapServers, topic, database.Uri);
        string sentence = $"Topic {topic} does not exist at {kafka.BootstrapServers}: make it with `hostwire topic create`";
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config]);
        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", config]);
        await agent.WaitForLineAsync(line => line.Contains(sentence, StringComparison.Ordinal), Cancellation);
        await sink.WaitForLineAsync(line => line.Contains(sentence, StringComparison.Ordinal), Cancellation);

        RunResult created = await hostwire.RunAsync(["topic", "create", "--config", config], cancellationToken: Cancellation);
        Assert.True(created.ExitCode == 0, created.StandardError);
        await Eventually.TrueAsync(
            async () => await StoredPoints.CountAsync(database, Cancellation) > 0, "the first points to be stored", Cancellation, agent, sink);
        await StopAndCompareAsync(kafka, agent, sink, topic, database);
    }

    [Fact]
    public async Task Agent_and_sink_wait_for_a_kafka_that_is_not_up_yet_and_lose_no_scrape()
    {
        await using var late = KafkaBroker.CreateOwn();
        string topic = await late.CreateTopicAsync(cancellationToken: Cancellation);
        await late.StopAsync(Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        string config = await WriteAsync(late.BootstrapServers, topic, database.Uri);
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config]);
        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", config]);
        await agent.WaitForLineAsync(line => line.Contains($"Kafka at {late.BootstrapServers} cannot be reached", StringComparison.Ordinal), Cancellation);
        await sink.WaitForLineAsync(line => line.Contains($"Kafka at {late.BootstrapServers} cannot be reached", StringComparison.Ordinal), Cancellation);

        await late.StartAsync(Cancellation);
        await Eventually.TrueAsync(
            async () => await StoredPoints.CountAsync(database, Cancellation) > 0, "the first points to be stored", Cancellation, agent, sink);
        await StopAndCompareAsync(late, agent, sink, topic, database);
    }

    [Fact]
    public async Task Sink_waits_for_a_postgresql_that_is_not_up_yet()
    {
        await using var late = PostgresServer.CreateOwn();
        await using TestDatabase database = await late.CreateDatabaseAsync(Cancellation);
        await late.StopAsync(Cancellation);
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        var host = new SyntheticHost("host-1", seed: 1);
        await kafka.Client.ProduceAsync(topic, [new(host.NextRecord())], Cancellation);
        string config = await WriteAsync(kafka.BootstrapServers, topic, database.Uri);
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config]);
        await sink.WaitForLineAsync(line => line.Contains($"{late.Host}:{late.Port}/{database.Name} cannot be reached", StringComparison.Ordinal), Cancellation);
        Assert.DoesNotContain(late.RolePassword, sink.Describe(), StringComparison.Ordinal);

        await late.StartAsync(Cancellation);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        await SinkSettings.StopAsync(sink, Cancellation);
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
    }

    [Fact]
    public async Task Sink_that_may_not_make_the_schema_says_which_grant_is_missing_and_goes_on_once_it_is_there()
    {
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        var host = new SyntheticHost("host-1", seed: 1);
        await kafka.Client.ProduceAsync(topic, [new(host.NextRecord())], Cancellation);
        await using TestDatabase database = await postgres.CreateEmptyDatabaseAsync(Cancellation);
        string role = $"role_{Guid.NewGuid():n}";
        await database.CreateRoleAsync(role, Cancellation);
        string config = await WriteAsync(kafka.BootstrapServers, topic, database.UriOf(role, role));
        RunResult refused = await hostwire.RunAsync(["sink", "--config", config], cancellationToken: Cancellation);
        Assert.Equal(1, refused.ExitCode);
        string grant = $"grant create on database {database.Name} to {role}";
        Assert.Contains($"\"{grant}\"", refused.StandardError, StringComparison.Ordinal);

        await database.ExecuteAsync(grant, Cancellation);
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config]);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        await SinkSettings.StopAsync(sink, Cancellation);
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
        await database.ExecuteAsync($"DROP OWNED BY {role} CASCADE; DROP ROLE {role}", Cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private Task<string> WriteAsync(string bootstrapServers, string topic, string uri) =>
        _files.WriteAsync("hostwire.toml", SinkSettings.Text(bootstrapServers, topic, uri, "\n[agent]\nhost_name = \"host-1\"\ninterval_seconds = 1"));

    // The agent counts what it took and what it dropped; each scrape is one time in the table.
    private static async Task StopAndCompareAsync(KafkaBroker kafka, ChildProcess agent, ChildProcess sink, string topic, TestDatabase database)
    {
        await SinkSettings.StopAsync(agent, Cancellation);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        await SinkSettings.StopAsync(sink, Cancellation);
        long scrapes = await database.ScalarAsync<long>("SELECT count(DISTINCT time) FROM hostwire.frame", Cancellation);
        string last = await agent.WaitForLineAsync(line => line.Contains("Stopped; scrapes taken", StringComparison.Ordinal), Cancellation);
        Assert.Contains($"scrapes taken: {scrapes}, records acknowledged: {scrapes}, dropped: 0", last, StringComparison.Ordinal);
    }
}
