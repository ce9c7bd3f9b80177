using System.Globalization;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Doors;

/// <summary>A password that the process is given by its environment shows nowhere that others can look: process list, children, metrics, log.</summary>
public sealed class SecretTests(PostgresServer postgres, PublishedBinary hostwire) : IDisposable
{
    private const string Canary = "c4n4ryPassw0rd";

    private readonly TestDirectory _files = new("secret");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Running_agent_keeps_its_password_from_its_children_and_from_whoever_asks_it()
    {
        int port = FreePort.Next();
        string config = await _files.WriteAsync("agent.toml", $"""
            kafka.bootstrap_servers = "127.0.0.1:{FreePort.Next()}"
            kafka.username = "u"
            agent.interval_seconds = 1
            agent.spool_file = "spool.db"
            metrics.agent_listen = "127.0.0.1:{port}"
            metrics.otlp_endpoint = "http://127.0.0.1:{FreePort.Next()}"
            metrics.otlp_interval_seconds = 1

            [[exec]]
            name = "sleeps"
            command = ["sleep", "60"]
            timeout_seconds = 50
            """);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["HOSTWIRE_KAFKA_PASSWORD"] = Canary,
            ["HOSTWIRE_KAFKA_PROPERTIES"] = $"ssl.key.password={Canary}",
            ["HOSTWIRE_METRICS_OTLP_HEADERS"] = $"authorization={Canary}",
        };
        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", config, "--log-level", "debug"], environment);
        await agent.WaitForLineAsync(line => line.Contains("Trying again until it works", StringComparison.Ordinal), Cancellation);
        await agent.WaitForLineAsync(line => line.Contains("push", StringComparison.OrdinalIgnoreCase), Cancellation);
        int[] children = [];
        await Eventually.TrueAsync(() => Task.FromResult((children = ChildrenOf(agent.Id)).Length > 0), "the command to run", Cancellation, agent);
        foreach (string file in children.SelectMany(child => (string[])[$"/proc/{child}/environ", $"/proc/{child}/cmdline"]).Append($"/proc/{agent.Id}/cmdline"))
        {
            Assert.DoesNotContain(Canary, await File.ReadAllTextAsync(file, Cancellation), StringComparison.Ordinal);
        }

        await AssertPagesAsync(port);
        agent.Signal(UnixSignal.HangUp);
        await agent.WaitForLineAsync(line => line.Contains("were read again", StringComparison.Ordinal), Cancellation);
        await SinkSettings.StopAsync(agent, Cancellation);
        Assert.DoesNotContain(Canary, agent.Describe(), StringComparison.Ordinal);
        foreach (string file in Directory.EnumerateFiles(_files.FullPath))
        {
            Assert.DoesNotContain(Canary, await File.ReadAllTextAsync(file, System.Text.Encoding.Latin1, Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Running_sink_keeps_its_passwords_to_itself()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        await database.ExecuteAsync($"create role secret_sink login password '{Canary}' in role {database.Roles.Sink}", Cancellation);
        int port = FreePort.Next();
        string config = await _files.WriteAsync("sink.toml", $"""
            kafka.bootstrap_servers = "127.0.0.1:{FreePort.Next()}"
            kafka.username = "u"
            metrics.sink_listen = "127.0.0.1:{port}"
            """);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["HOSTWIRE_KAFKA_PASSWORD"] = Canary,
            ["HOSTWIRE_POSTGRES_URI"] = database.UriOf("secret_sink", Canary),
        };
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config, "--log-level", "debug"], environment);
        await sink.WaitForLineAsync(line => line.Contains("trying again until it works", StringComparison.Ordinal), Cancellation);
        Assert.True(await database.AdminScalarAsync<bool>("select count(*) > 0 from pg_stat_activity where usename = 'secret_sink'", Cancellation), sink.Describe());
        Assert.DoesNotContain(Canary, await File.ReadAllTextAsync($"/proc/{sink.Id}/cmdline", Cancellation), StringComparison.Ordinal);
        await AssertPagesAsync(port);

        // Its login is taken away: what it says about that is about the database, not about the password.
        await database.ExecuteAsync("alter role secret_sink nologin; select pg_terminate_backend(pid) from pg_stat_activity where usename = 'secret_sink'", Cancellation);
        await sink.WaitForLineAsync(line => line.Contains("refused the login", StringComparison.Ordinal), Cancellation);
        await AssertPagesAsync(port);
        await SinkSettings.StopAsync(sink, Cancellation);
        Assert.DoesNotContain(Canary, sink.Describe(), StringComparison.Ordinal);
        await database.ExecuteAsync("drop role secret_sink", Cancellation);
    }

    [Fact]
    public async Task Up_names_the_database_that_refuses_and_not_the_password()
    {
        await postgres.EnsureStartedAsync(Cancellation);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["HOSTWIRE_POSTGRES_URI"] = $"postgres://nobody:{Canary}@{postgres.Host}:{postgres.Port}/postgres?sslmode=disable",
            ["HOSTWIRE_DATA"] = _files["up"],
        };
        RunResult up = await hostwire.RunAsync(["up"], environment, Cancellation);
        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("refused the login", up.StandardOutput + up.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, up.StandardOutput + up.StandardError, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private static async Task AssertPagesAsync(int port)
    {
        using var client = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
        foreach (string path in (string[])["/metrics", "/healthz", "/readyz"])
        {
            using HttpResponseMessage response = await client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
            Assert.DoesNotContain(Canary, await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    private static int[] ChildrenOf(int process)
    {
        string[] ids = [.. Directory.EnumerateDirectories($"/proc/{process}/task").SelectMany(task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        return [.. ids.Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
    }
}
