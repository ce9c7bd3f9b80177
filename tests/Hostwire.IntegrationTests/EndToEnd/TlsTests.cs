using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>As on Aiven: agent and sink each with a settings file of its own, mutual TLS to Kafka, <c>verify-full</c> to PostgreSQL, private CAs.</summary>
public sealed class TlsTests(TlsRig rig, PublishedBinary hostwire) : IClassFixture<TlsRig>, IDisposable
{
    private readonly TestDirectory _files = new("tls");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ssl")]
    [InlineData("sasl_ssl")]
    public async Task Metrics_of_this_host_arrive_over_verified_tls(string security)
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);
        await using TestDatabase database = await rig.Postgres.CreateDatabaseAsync(Cancellation);
        string topic = $"metrics_{security}";
        string agentSettings = await _files.WriteAsync("agent.toml", Kafka(topic, security) + "[agent]\ninterval_seconds = 1\nhost_name = \"tls-host\"\n");
        string sinkSettings = await _files.WriteAsync("sink.toml", Kafka(topic, security) + Postgres(database, rig.Postgres.CaFile));
        RunResult created = await hostwire.RunAsync(["topic", "create", "--partitions", "3", "--config", agentSettings], cancellationToken: Cancellation);
        Assert.True(created.ExitCode == 0, created.StandardError);

        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", sinkSettings]);
        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", agentSettings]);
        await Eventually.TrueAsync(
            async () => await StoredPoints.CountAsync(database, Cancellation) > 100, "points of this host in the table", Cancellation, agent, sink);
        Assert.True(await database.AdminScalarAsync<bool>(
            "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'hostwire%'",
            Cancellation));
        await SinkSettings.StopAsync(agent, Cancellation);
        await SinkSettings.WaitUntilAllIsStoredAsync(rig.Kafka, topic, database, Cancellation, sink);
        await SinkSettings.StopAsync(sink, Cancellation);
        Assert.All(await StoredPoints.ReadAsync(database, Cancellation), point => Assert.Equal("tls-host", point.Host));
    }

    [Theory]
    [InlineData("other-ca.pem", "service", "is not trusted: it was signed by CN=Private project CA, which is not in kafka.ca_file")]
    [InlineData("ca.pem", "other", "wants a client's certificate that its CA signed")]
    [InlineData("ca.pem", "expired", "wants a client's certificate that its CA signed")]
    public async Task Agent_names_the_certificate_that_kafka_is_not_reached_with(string ca, string certificate, string sentence)
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);
        string config = await _files.WriteAsync("agent.toml", Kafka("metrics", "ssl", ca, certificate));
        RunResult once = await hostwire.RunAsync(["agent", "--once", "--config", config], cancellationToken: Cancellation);
        Assert.Equal(1, once.ExitCode);
        Assert.Contains(sentence, once.StandardError, StringComparison.Ordinal);

        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", config]);
        await agent.WaitForLineAsync(line => line.Contains(sentence, StringComparison.Ordinal), Cancellation);
        await SinkSettings.StopAsync(agent, Cancellation);
    }

    [Fact]
    public async Task Sink_ends_at_start_and_names_the_ca_that_postgresql_is_not_verified_with()
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);
        await using TestDatabase database = await rig.Postgres.CreateDatabaseAsync(Cancellation);
        string config = await _files.WriteAsync("sink.toml", Kafka("metrics", "ssl") + Postgres(database, $"{rig.Kafka.TlsDirectory}/other-ca.pem"));
        RunResult sink = await hostwire.RunAsync(["sink", "--config", config], cancellationToken: Cancellation);
        Assert.Equal(1, sink.ExitCode);
        Assert.Contains("is not trusted: it was signed by CN=Private project CA, which is not in postgres.ca_file", sink.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Postgres.RolePassword, sink.StandardError, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private string Kafka(string topic, string security, string ca = "ca.pem", string certificate = "service")
    {
        string tls = rig.Kafka.TlsDirectory;
        string login = security is "ssl"
            ? $"""
                certificate_file = "{tls}/{certificate}.cert"
                key_file = "{tls}/{certificate}.key"
                """
            : $"""
                username = "{KafkaBroker.User}"
                password = "{rig.Kafka.Password}"
                """;
        return $"""
            [kafka]
            bootstrap_servers = "{(security is "ssl" ? rig.Kafka.TlsBootstrapServers : rig.Kafka.SaslBootstrapServers)}"
            topic = "{topic}"
            ca_file = "{tls}/{ca}"
            {login}

            """;
    }

    // By name, as Aiven's services are addressed.
    private string Postgres(TestDatabase database, string ca) => $"""
        [postgres]
        uri = "{database.UriOf(database.Roles.Sink, rig.Postgres.RolePassword, "verify-full").Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}"
        ca_file = "{ca}"

        """;
}
