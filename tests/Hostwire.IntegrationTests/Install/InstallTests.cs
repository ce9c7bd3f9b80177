using System.Globalization;
using System.Text.Json;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Install;

/// <summary>The Debian package in the life that it has on a machine: installed into an empty Debian that has booted, configured, upgraded, purged.</summary>
/// <remarks>Agent and sink run as systemd's services in all their restrictions, log in to Kafka with SCRAM over TLS and to PostgreSQL, verified, as the sink's role.</remarks>
public sealed class InstallTests(TlsRig rig, PublishedBinary hostwire) : IClassFixture<TlsRig>, IDisposable
{
    private const string Agent = "hostwire-agent";
    private const string Sink = "hostwire-sink";

    private readonly TestDirectory _packages = new("packages");
    private readonly int _agentPort = FreePort.Next();
    private readonly int _sinkPort = FreePort.Next();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Package_is_installed_configured_upgraded_and_purged_and_nothing_is_left_behind_but_data()
    {
        await using DebianSystem debian = await DebianSystem.BootAsync();
        await rig.Kafka.EnsureStartedAsync(Cancellation);
        string topic = await rig.Kafka.CreateTopicAsync(partitions: 2, cancellationToken: Cancellation);
        await using TestDatabase database = await rig.Postgres.CreateDatabaseAsync(Cancellation);
        string[] before = await FilesAsync(debian);

        await InstallAsync(debian, "1.0.0-rc.1");
        await AssertNothingRunsUnconfiguredAsync(debian);
        await ConfigureAsync(debian, topic, database);
        await debian.RunAsync("systemctl", "enable", "--now", Agent, Sink);
        await AssertMetricsArriveAsync(debian, database);
        await AssertTheCageHidesNothingAsync(debian, database);
        await ReloadAsync(debian);
        await UpgradeAsync(debian, "1.0.0");
        await AssertMetricsArriveAsync(debian, database);
        await PurgeAsync(debian);

        string[] left = [.. (await FilesAsync(debian)).Except(before, StringComparer.Ordinal).Where(path => !path.StartsWith("/var/lib/hostwire", StringComparison.Ordinal))];
        Assert.True(left.Length == 0, $"Left behind: {string.Join(", ", left)}");
        Assert.Equal("root root\n", await debian.RunAsync("stat", "--format", "%U %G", "/var/lib/hostwire/agent/spool.db"));
        Assert.Equal(2, (await debian.TryRunAsync("getent", "passwd", Agent, Sink)).ExitCode);
    }

    /// <inheritdoc/>
    public void Dispose() => _packages.Dispose();

    private async Task InstallAsync(DebianSystem debian, string version)
    {
        string output = await UnpackAsync(debian, version);
        Assert.Contains("systemctl enable --now hostwire-agent\n", output, StringComparison.Ordinal);
        Assert.Contains("systemctl enable --now hostwire-sink\n", output, StringComparison.Ordinal);
        Assert.StartsWith("hostwire ", await debian.RunAsync("hostwire", "--version"), StringComparison.Ordinal);
        Assert.Equal("640 root hostwire-agent\n640 root hostwire-sink\n", await SettingsRightsAsync(debian));
    }

    private static async Task ReloadAsync(DebianSystem debian)
    {
        foreach (string unit in (string[])[Agent, Sink])
        {
            string process = await debian.PropertyAsync(unit, "MainPID");
            await debian.RunAsync("systemctl", "reload", unit);
            await Eventually.TrueAsync(
                async () => (await debian.JournalAsync(unit)).Contains("Settings and certificates were read again", StringComparison.Ordinal), $"{unit} to have read its settings again", Cancellation);
            Assert.Equal(process, await debian.PropertyAsync(unit, "MainPID"));
        }
    }

    private async Task UpgradeAsync(DebianSystem debian, string version)
    {
        string agent = await debian.PropertyAsync(Agent, "MainPID");
        string sink = await debian.PropertyAsync(Sink, "MainPID");
        string settings = await debian.RunAsync("cat", "/etc/hostwire/agent.toml", "/etc/hostwire/sink.toml");
        Assert.DoesNotContain("systemctl enable", await UnpackAsync(debian, version), StringComparison.Ordinal);

        Assert.NotEqual(agent, await debian.PropertyAsync(Agent, "MainPID"), StringComparer.Ordinal);
        Assert.NotEqual(sink, await debian.PropertyAsync(Sink, "MainPID"), StringComparer.Ordinal);
        Assert.Equal(settings, await debian.RunAsync("cat", "/etc/hostwire/agent.toml", "/etc/hostwire/sink.toml"));
        Assert.Equal("640 root hostwire-agent\n640 root hostwire-sink\n", await SettingsRightsAsync(debian));
    }

    private async Task<string> UnpackAsync(DebianSystem debian, string version)
    {
        File.Copy((await Packages.MakeAsync(hostwire, version, _packages)).Package, debian["/root/hostwire.deb"], overwrite: true);
        string output = await debian.RunAsync("dpkg", "--install", "/root/hostwire.deb");
        File.Delete(debian["/root/hostwire.deb"]);
        Assert.Equal(version.Replace('-', '~'), (await debian.RunAsync("dpkg-query", "--show", "--showformat", "${Version}", "hostwire")).Trim());
        return output;
    }

    private static async Task AssertNothingRunsUnconfiguredAsync(DebianSystem debian)
    {
        foreach (string unit in (string[])[Agent, Sink])
        {
            Assert.Equal("disabled", await debian.PropertyAsync(unit, "UnitFileState"));
            Assert.Equal("inactive", await debian.PropertyAsync(unit, "ActiveState"));

            // Started all the same, it says what is missing, once, and stays down.
            Assert.NotEqual(0, (await debian.TryRunAsync("systemctl", "start", unit)).ExitCode);
            Assert.Equal("failed", await debian.PropertyAsync(unit, "ActiveState"));
            Assert.Equal("0", await debian.PropertyAsync(unit, "NRestarts"));
            Assert.Contains("kafka.bootstrap_servers is not set", await debian.JournalAsync(unit), StringComparison.Ordinal);
        }
    }

    private async Task ConfigureAsync(DebianSystem debian, string topic, TestDatabase database)
    {
        string kafka = $"""
            [kafka]
            bootstrap_servers = "{rig.Kafka.SaslBootstrapServers}"
            topic = "{topic}"
            ca_file = "kafka-ca.pem"
            username = "{KafkaBroker.User}"
            """;
        // What an administrator edits keeps its owner and mode.
        await File.WriteAllTextAsync(
            debian["/etc/hostwire/agent.toml"],
            $"""
            {kafka}
            password_file = "agent-kafka-password"
            [agent]
            interval_seconds = 1
            host_name = "installed"
            [metrics]
            agent_listen = "127.0.0.1:{_agentPort}"

            """,
            Cancellation);
        await File.WriteAllTextAsync(
            debian["/etc/hostwire/sink.toml"],
            $"""
            {kafka}
            password_file = "sink-kafka-password"
            [postgres]
            uri = "postgres://{database.Roles.Sink}@localhost:{rig.Postgres.Port}/{database.Name}?sslmode=verify-full"
            password_file = "postgres-password"
            ca_file = "postgres-ca.pem"
            [metrics]
            sink_listen = "127.0.0.1:{_sinkPort}"

            """,
            Cancellation);
        File.Copy(Path.Combine(rig.Kafka.TlsDirectory, "ca.pem"), debian["/etc/hostwire/kafka-ca.pem"]);
        File.Copy(rig.Postgres.CaFile, debian["/etc/hostwire/postgres-ca.pem"]);
        await debian.RunAsync("chmod", "644", "/etc/hostwire/kafka-ca.pem", "/etc/hostwire/postgres-ca.pem");
        await WriteSecretAsync(debian, "agent-kafka-password", Agent, rig.Kafka.Password);
        await WriteSecretAsync(debian, "sink-kafka-password", Sink, rig.Kafka.Password);
        await WriteSecretAsync(debian, "postgres-password", Sink, rig.Postgres.RolePassword);
    }

    private static async Task WriteSecretAsync(DebianSystem debian, string file, string group, string secret)
    {
        await File.WriteAllTextAsync(debian[$"/root/{file}"], secret, Cancellation);
        await debian.RunAsync("install", "-m", "640", "-g", group, $"/root/{file}", $"/etc/hostwire/{file}");
        File.Delete(debian[$"/root/{file}"]);
    }

    /// <summary>Rows that are newer than this call arrive, both services are well, and both can be scraped.</summary>
    private async Task AssertMetricsArriveAsync(DebianSystem debian, TestDatabase database)
    {
        DateTime since = TimeProvider.System.GetUtcNow().UtcDateTime;
        try
        {
            await Eventually.TrueAsync(
                async () => await database.ScalarAsync<DateTime?>("select max(time) from hostwire.metrics where host = 'installed'", Cancellation) > since, "new rows of this host", Cancellation);
            foreach (string unit in (string[])[Agent, Sink])
            {
                await Eventually.TrueAsync(async () => await debian.PropertyAsync(unit, "StatusText") is "All is well.", $"{unit} to be well", Cancellation);
                Assert.Equal("0", await debian.PropertyAsync(unit, "NRestarts"));
            }
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{await debian.JournalAsync(Agent)}\n{await debian.JournalAsync(Sink)}", late);
        }

        await AssertReadyAsync(_agentPort);
        await AssertReadyAsync(_sinkPort);
    }

    /// <summary>What systemd shows is up to five seconds old, and a sink looks once a second whether all its partitions are claimed: so both may say for a moment what is true no more.</summary>
    private static async Task AssertReadyAsync(int port)
    {
        try
        {
            await Eventually.TrueAsync(async () => (await ScrapeAsync(port, "metrics")).Contains("\nhostwire_ready 1\n", StringComparison.Ordinal), "the page to say that it is ready", Cancellation);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException(await ScrapeAsync(port, "readyz"), late);
        }
    }

    /// <summary>The service, restricted as it is, sends every series that an unrestricted root sees, but for those of the agent itself.</summary>
    private static async Task AssertTheCageHidesNothingAsync(DebianSystem debian, TestDatabase database)
    {
        using JsonDocument seen = JsonDocument.Parse(await debian.RunAsync("hostwire", "agent", "--once", "--print=json"));
        string[] names = [.. seen.RootElement.GetProperty("points").EnumerateArray().Select(Series).Where(series => !series.StartsWith("hostwire.", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];
        Assert.True(names.Length > 50, string.Join('\n', names));
        string[] missing = names;
        try
        {
            await Eventually.TrueAsync(
                async () => (missing = [.. names.Except(await SeriesAsync(database), StringComparer.Ordinal)]).Length == 0, "every series that root sees", Cancellation);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"Root sees these, the service does not:\n{string.Join('\n', missing)}\n{await debian.JournalAsync(Agent)}", late);
        }

        static string Series(JsonElement point) => $"{point.GetProperty("metric").GetString()}{string.Join(',', point.GetProperty("attributes").EnumerateObject().Select(pair => $" {pair.Name}={pair.Value}").Order(StringComparer.Ordinal))}";
    }

    private static async Task<string[]> SeriesAsync(TestDatabase database) => await database.ScalarAsync<string[]>(
        """
        select array_agg(distinct metric || (select coalesce(string_agg(' ' || key || '=' || value, ',' order by ' ' || key || '=' || value collate "C"), '') from jsonb_each_text(attributes)))
        from hostwire.latest where host = 'installed'
        """,
        Cancellation) ?? [];

    private static async Task PurgeAsync(DebianSystem debian)
    {
        await debian.RunAsync("rm", "/etc/hostwire/kafka-ca.pem", "/etc/hostwire/postgres-ca.pem", "/etc/hostwire/agent-kafka-password", "/etc/hostwire/sink-kafka-password", "/etc/hostwire/postgres-password");
        await debian.RunAsync("dpkg", "--purge", "hostwire");
        Assert.Equal("", await debian.RunAsync("systemctl", "list-units", "--all", "--plain", "--no-legend", "--state", "active,activating", "hostwire-*"));
    }

    private static async Task<string> SettingsRightsAsync(DebianSystem debian) =>
        await debian.RunAsync("stat", "--format", "%a %U %G", "/etc/hostwire/agent.toml", "/etc/hostwire/sink.toml");

    // What programs write while they run is nobody's of the package: logs, dpkg's own lists, what systemd keeps.
    private static async Task<string[]> FilesAsync(DebianSystem debian) => (await debian.RunAsync(
        "find", "/", "-xdev", "(", "-path", "/proc", "-o", "-path", "/sys", "-o", "-path", "/run", "-o", "-path", "/tmp", "-o", "-path", "/var/tmp", "-o", "-path", "/var/log", "-o", "-path", "/var/lib/dpkg", "-o", "-path", "/var/lib/systemd", ")", "-prune", "-o", "-print"))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task<string> ScrapeAsync(int port, string page)
    {
        using var client = new HttpClient();
        // Whatever its status: what keeps it from being ready comes with 503.
        using HttpResponseMessage answer = await client.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/{page}")), Cancellation);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }
}
