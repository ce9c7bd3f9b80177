using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Doors;

/// <summary>
/// Every way to log in at Kafka, with everything that can be wrong with it: the sentence that people see, that one scrape ends with 1 while agent and sink go on
/// trying, and that no password shows anywhere.
/// </summary>
public sealed class KafkaDoorTests(KafkaDoors doors, PublishedBinary hostwire) : IClassFixture<KafkaDoors>, IDisposable
{
    private const string Canary = "canary-Xy7%c3:p@ss word";

    private const string OtherCa = "is not trusted: it was signed by CN=Private project CA, which is not in kafka.ca_file (";
    private const string OtherHost = "is not trusted: it is made out for kafka.elsewhere.example, not for localhost: name the server so in kafka.bootstrap_servers.";
    private const string Expired = "is not trusted: it expired on YESTERDAY (UTC): give the server a new one.";
    private const string WantsCertificate = "wants a client's certificate that its CA signed and that has not expired";
    private const string Refused = "refused the login of user avnadmin by MECHANISM: check kafka.username, kafka.password and kafka.sasl_mechanism.";

    private readonly TestDirectory _files = new("doors");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("certificate")]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task Whoever_shows_the_right_papers_is_let_in(string login)
    {
        string topic = await doors.Kafka.CreateTopicAsync(cancellationToken: Cancellation);
        RunResult once = await hostwire.RunAsync(["agent", "--once", "--config", await WriteAsync(topic, login)], cancellationToken: Cancellation);
        Assert.True(once.ExitCode == 0, once.StandardError);
        Assert.Single(await doors.Kafka.Client.ConsumeAllAsync(topic, Cancellation));
        AssertNoSecret(once.StandardOutput + once.StandardError);
    }

    [Theory]
    [InlineData("certificate", OtherCa, "other-ca.pem")]
    [InlineData("certificate", OtherHost, "ca.pem", "elsewhere")]
    [InlineData("certificate", Expired, "ca.pem", "expired")]
    [InlineData("certificate", WantsCertificate, "ca.pem", "broker", "expired")]
    [InlineData("certificate", WantsCertificate, "ca.pem", "broker", "other")]
    [InlineData("PLAIN", OtherCa, "other-ca.pem")]
    [InlineData("PLAIN", OtherHost, "ca.pem", "elsewhere")]
    [InlineData("PLAIN", Expired, "ca.pem", "expired")]
    [InlineData("PLAIN", Refused, "ca.pem", "broker", "wrong")]
    [InlineData("SCRAM-SHA-256", OtherCa, "other-ca.pem")]
    [InlineData("SCRAM-SHA-256", OtherHost, "ca.pem", "elsewhere")]
    [InlineData("SCRAM-SHA-256", Expired, "ca.pem", "expired")]
    [InlineData("SCRAM-SHA-256", Refused, "ca.pem", "broker", "wrong")]
    [InlineData("SCRAM-SHA-512", OtherCa, "other-ca.pem")]
    [InlineData("SCRAM-SHA-512", OtherHost, "ca.pem", "elsewhere")]
    [InlineData("SCRAM-SHA-512", Expired, "ca.pem", "expired")]
    [InlineData("SCRAM-SHA-512", Refused, "ca.pem", "broker", "wrong")]
    public async Task Wrong_paper_is_named(string login, string sentence, string ca, string broker = "broker", string papers = "service")
    {
        await doors.Kafka.EnsureStartedAsync(Cancellation);
        string said = sentence.Replace("MECHANISM", login, StringComparison.Ordinal).Replace("YESTERDAY", KafkaDoors.ExpiryOf($"{doors.Kafka.TlsDirectory}/expired.keystore.pem"), StringComparison.Ordinal);
        await AssertTurnedAwayAsync(login, said, said, ca, broker, papers);
    }

    [Theory]
    [InlineData("topic", "describe")]
    [InlineData("simulate", "--hosts", "1", "--scrapes", "1", "--fast")]
    public async Task Commands_name_what_is_wrong_with_a_certificate_too(params string[] command)
    {
        string topic = await doors.Kafka.CreateTopicAsync(cancellationToken: Cancellation);
        RunResult ended = await hostwire.RunAsync([.. command, "--config", await WriteAsync(topic, "certificate", broker: "elsewhere")], cancellationToken: Cancellation);
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains(OtherHost, ended.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("certificate")]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public Task Missing_right_is_named(string login) =>
        AssertTurnedAwayAsync(login, "grant it Write ", "grant it Read on the group that sink.group names", "ca.pem", "broker", "guest");

    [Fact]
    public async Task Each_right_that_is_missing_is_named_once_the_one_before_it_is_there()
    {
        string topic = await doors.Kafka.CreateTopicAsync(cancellationToken: Cancellation);
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = doors.Kafka.BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", await WriteAsync(topic, "SCRAM-SHA-256", papers: "guest")]);
        await sink.WaitForLineAsync(line => line.Contains("grant it Read on the group that sink.group names", StringComparison.Ordinal), Cancellation);

        await admin.CreateAclsAsync([KafkaRight.Of(KafkaBroker.Guest, AclOperation.Read, ResourceType.Group, topic)]);
        await sink.WaitForLineAsync(line => line.Contains($"Kafka refuses this user topic {topic}: grant it Read there", StringComparison.Ordinal), Cancellation);

        await admin.CreateAclsAsync([KafkaRight.Of(KafkaBroker.Guest, AclOperation.Read, ResourceType.Topic, topic)]);
        await sink.WaitForLineAsync(line => line.Contains("Claimed a partition", StringComparison.Ordinal), Cancellation);
        await SinkSettings.StopAsync(sink, Cancellation);
        AssertNoSecret(sink.Describe());
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private async Task AssertTurnedAwayAsync(string login, string toAgent, string toSink, string ca, string broker, string papers)
    {
        string topic = await doors.Kafka.CreateTopicAsync(cancellationToken: Cancellation);
        string config = await WriteAsync(topic, login, ca, broker, papers);
        Task<RunResult> running = hostwire.RunAsync(["agent", "--once", "--config", config], cancellationToken: Cancellation);
        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", config]);
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config]);
        RunResult once = await running;
        Assert.Equal(1, once.ExitCode);
        Assert.Contains(toAgent, once.StandardError, StringComparison.Ordinal);

        await agent.WaitForLineAsync(line => line.Contains(toAgent, StringComparison.Ordinal) && line.Contains("Trying again until it works", StringComparison.Ordinal), Cancellation);
        await sink.WaitForLineAsync(line => line.Contains(toSink, StringComparison.Ordinal) && line.Contains("trying again until it works", StringComparison.Ordinal), Cancellation);
        foreach (ChildProcess process in (ChildProcess[])[agent, sink])
        {
            AssertNoSecret(await File.ReadAllTextAsync($"/proc/{process.Id}/cmdline", Cancellation));
            await SinkSettings.StopAsync(process, Cancellation);
            AssertNoSecret(process.Describe());
        }

        AssertNoSecret(once.StandardOutput + once.StandardError);
    }

    private void AssertNoSecret(string text)
    {
        Assert.DoesNotContain(doors.Kafka.Password, text, StringComparison.Ordinal);
        Assert.DoesNotContain(doors.Postgres.RolePassword, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", text, StringComparison.OrdinalIgnoreCase);
    }

    private async Task<string> WriteAsync(string topic, string login, string ca = "ca.pem", string broker = "broker", string papers = "service")
    {
        TestDatabase database = await doors.DatabaseAsync();
        string tls = doors.Kafka.TlsDirectory;
        bool isSasl = login is not "certificate";
        string show = isSasl
            ? $"""
                username = "{(papers is "guest" ? KafkaBroker.Guest : KafkaBroker.User)}"
                password = "{(papers is "wrong" ? Canary : doors.Kafka.Password)}"
                sasl_mechanism = "{login}"
                """
            : $"""
                certificate_file = "{tls}/{papers}.cert"
                key_file = "{tls}/{papers}.key"
                """;
        return await _files.WriteAsync("hostwire.toml", $"""
            sink.group = "{topic}"
            metrics.agent_listen = ""
            metrics.sink_listen = ""

            [kafka]
            bootstrap_servers = "{doors.BootstrapServers(isSasl, broker)}"
            topic = "{topic}"
            ca_file = "{tls}/{ca}"
            {show}

            [postgres]
            uri = "{database.Uri}"
            """);
    }
}
