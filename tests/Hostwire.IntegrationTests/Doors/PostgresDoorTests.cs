using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Doors;

/// <summary>PostgreSQL as Aiven runs it, verified in full with the project's CA and a SCRAM password, with everything that can be wrong with it.</summary>
public sealed class PostgresDoorTests(KafkaDoors doors, PublishedBinary hostwire) : IClassFixture<KafkaDoors>, IDisposable
{
    private const string Canary = "canary-Xy7%c3:p@ss word";
    private const string OtherCa = "is not trusted: it was signed by CN=Private project CA, which is not in postgres.ca_file (";
    private const string OtherHost = "is not trusted: it is made out for postgres.elsewhere.example, not for localhost: name the server so in postgres.uri.";
    private const string Expired = "is not trusted: it expired on YESTERDAY (UTC): give the server a new one.";

    private readonly TestDirectory _files = new("doors");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("verify-full")]
    [InlineData("require")]
    public async Task Right_ca_and_password_are_let_in(string sslMode)
    {
        await using TestDatabase database = await doors.Postgres.CreateDatabaseAsync(Cancellation);
        RunResult shown = await hostwire.RunAsync(["sink", "offsets", "show", "--config", await WriteAsync(database, sslMode: sslMode)], cancellationToken: Cancellation);
        Assert.True(shown.ExitCode == 0, shown.StandardError);
    }

    [Theory]
    [InlineData(OtherCa, "other-ca.pem", "server", null)]
    [InlineData(OtherHost, "ca.pem", "elsewhere", null)]
    [InlineData(Expired, "ca.pem", "expired", null)]
    [InlineData("refused the login", "ca.pem", "server", Canary)]
    [InlineData("permission denied for schema hostwire", "ca.pem", "server", null, "stranger")]
    public async Task Sink_ends_at_its_start_and_goes_on_trying_later(string sentence, string ca, string certificate, string? password, string? role = null)
    {
        await using TestDatabase database = await doors.Postgres.CreateDatabaseAsync(Cancellation);
        string topic = await doors.Kafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using ChildProcess running = await hostwire.StartAsync(["sink", "--config", await WriteAsync(database, topic: topic)]);
        sentence = sentence.Replace("YESTERDAY", KafkaDoors.ExpiryOf(Path.Combine(Path.GetDirectoryName(doors.Postgres.CaFile)!, "expired.cert")), StringComparison.Ordinal);
        await running.WaitForLineAsync(line => line.Contains("Claimed a partition", StringComparison.Ordinal), Cancellation);
        try
        {
            await doors.Postgres.UseCertificateAsync(certificate, Cancellation);
            if (role is not null)
            {
                await database.ExecuteAsync($"create role {role} login password '{doors.Postgres.RolePassword}'", Cancellation);
            }

            string config = await WriteAsync(database, ca, password, topic: topic, role: role);
            RunResult started = await hostwire.RunAsync(["sink", "--config", config], cancellationToken: Cancellation);
            Assert.Equal(1, started.ExitCode);
            Assert.Contains(sentence, started.StandardError, StringComparison.Ordinal);
            RunResult show = await hostwire.RunAsync(["sink", "offsets", "show", "--config", config], cancellationToken: Cancellation);
            Assert.Equal(1, show.ExitCode);
            Assert.Contains(sentence, show.StandardError, StringComparison.Ordinal);

            // The same comes to one that runs, and it is no reason to end.
            running.Signal(UnixSignal.HangUp);
            await running.WaitForLineAsync(line => line.Contains(sentence, StringComparison.Ordinal) && line.Contains("trying again until it works", StringComparison.Ordinal), Cancellation);
            await SinkSettings.StopAsync(running, Cancellation);
            foreach (string said in (string[])[started.StandardError, started.StandardOutput, show.StandardError, running.Describe()])
            {
                Assert.DoesNotContain("canary", said, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain(doors.Postgres.RolePassword, said, StringComparison.Ordinal);
            }
        }
        finally
        {
            await doors.Postgres.UseCertificateAsync("server", CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private Task<string> WriteAsync(TestDatabase database, string ca = "ca.pem", string? password = null, string sslMode = "verify-full", string topic = "metrics", string? role = null) => _files.WriteAsync("sink.toml", $"""
        sink.group = "{topic}"
        metrics.sink_listen = ""

        [kafka]
        bootstrap_servers = "{(doors.Kafka.BootstrapServers.Length > 0 ? doors.Kafka.BootstrapServers : "localhost:1")}"
        security = "plaintext"
        topic = "{topic}"

        [postgres]
        uri = "{database.UriOf(role ?? database.Roles.Sink, password ?? doors.Postgres.RolePassword, sslMode).Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}"
        ca_file = "{(ca is "ca.pem" ? doors.Postgres.CaFile : $"{doors.Kafka.TlsDirectory}/{ca}")}"
        """);
}
