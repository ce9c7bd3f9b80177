using Hostwire.IntegrationTests.Rig;
using Hostwire.Up;

namespace Hostwire.IntegrationTests.Up;

/// <summary><c>hostwire up</c> as users run it.</summary>
public sealed class UpTests(PublishedBinary hostwire, KafkaBroker kafka, PostgresServer postgres) : IAsyncLifetime
{
    // A binary that reports no frequency is one on a machine that tells none.
    private const string MetricsOfTheDemo =
        "select string_agg(distinct metric, ',' order by metric) from hostwire.system_metrics where metric <> 'current_cpu_frequency'";

    private readonly TestDirectory _directory = new("up");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Data => _directory["data"];

    private DataFolder Folder => new(Data);

    [Fact]
    public async Task Rows_arrive_Ctrl_C_ends_with_0_and_a_second_run_goes_on_with_the_same_data_and_a_gap()
    {
        string first;
        await using (UpRun up = await StartAsync())
        {
            await up.TrueAsync("select count(distinct time) >= 3 from hostwire.metrics", Cancellation);
            Assert.Equal(
                "cpu,disk,filesystem,linux,memory,network,paging,processes,uptime",
                await up.QueryAsync("select string_agg(distinct split_part(metric, '.', 2), ',' order by split_part(metric, '.', 2)) from hostwire.metrics where metric like 'system.%'"));
            await up.TrueAsync($"select ({MetricsOfTheDemo}) = 'available_memory,memory_use,network_traffic_in,network_traffic_out,percent_memory_use,total_cpu,total_network_traffic'", Cancellation);
            first = await up.QueryAsync("select min(time) from hostwire.metrics");
            await EndsWithNothingLeftAsync(up, UnixSignal.Interrupt);
        }

        await using UpRun again = await StartAsync();
        await again.TrueAsync("select count(*) > 0 from hostwire.gap", Cancellation);
        Assert.Equal(first, await again.QueryAsync("select min(time) from hostwire.metrics"));
        await again.TrueAsync($"select max(time) > now() - interval '10 seconds' and min(time) = '{first}' from hostwire.metrics", Cancellation);
        await EndsWithNothingLeftAsync(again, UnixSignal.Terminate);

        // That the embedded broker forgets is as it should be, and no error.
        Assert.DoesNotContain("level=error", again.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_kill_9_nothing_is_left_and_the_next_run_goes_on()
    {
        await using (UpRun up = await StartAsync())
        {
            await up.TrueAsync("select count(*) > 0 from hostwire.metrics", Cancellation);
            int[] children = up.Children();
            Assert.NotEmpty(children);
            await up.EndAsync(UnixSignal.Kill, Cancellation);
            await Eventually.TrueAsync(() => Task.FromResult(!children.Any(Lives)), "the children of a killed up to end", Cancellation);
        }

        Assert.True(File.Exists(Folder.AddressFile), "A killed process cannot tidy up.");
        await using UpRun again = await StartAsync();
        await again.TrueAsync("select count(distinct time) >= 2 from hostwire.metrics", Cancellation);
        await EndsWithNothingLeftAsync(again, UnixSignal.Interrupt);
    }

    [Fact]
    public async Task A_second_one_in_the_same_folder_is_refused_in_one_sentence()
    {
        await using UpRun up = await StartAsync();
        RunResult refused = await hostwire.RunAsync(["up", "--data", Data], cancellationToken: Cancellation);
        Assert.Equal(1, refused.ExitCode);
        string sentence = Assert.Single(refused.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"(process {up.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)})", sentence, StringComparison.Ordinal);
        Assert.Equal("1", await up.QueryAsync("select 1"));
    }

    [Fact]
    public async Task Other_verbs_find_it_while_it_runs_and_no_longer()
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { [DataFolder.Variable] = Data };
        await using UpRun up = await StartAsync();
        RunResult shown = await hostwire.RunAsync(["config", "show"], environment, Cancellation);
        Assert.Matches("kafka.bootstrap_servers +127.0.0.1:.*up.toml", shown.StandardOutput);
        RunResult topic = await hostwire.RunAsync(["topic", "describe"], environment, Cancellation);
        Assert.True(topic.ExitCode == 0, topic.StandardError);
        RunResult migrated = await hostwire.RunAsync(["db", "migrate"], environment, Cancellation);
        Assert.True(migrated.ExitCode == 0, migrated.StandardError);

        await EndsWithNothingLeftAsync(up, UnixSignal.Interrupt);
        shown = await hostwire.RunAsync(["config", "show"], environment, Cancellation);
        Assert.DoesNotContain("up.toml", shown.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_kafka_and_a_real_postgresql_are_used_where_they_are_named_and_outlive_it()
    {
        await kafka.EnsureStartedAsync(Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        string topic = $"up_{Guid.NewGuid():n}";
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOSTWIRE_POSTGRES_URI"] = database.Uri };
        string[] arguments = ["up", "--data", Data, "--kafka", kafka.BootstrapServers, "--kafka-topic", topic];
        await using (ChildProcess up = await hostwire.StartAsync(arguments, environment))
        {
            await up.WaitForLineAsync(line => line == $"Topic {topic} was not there and has been made.", Cancellation);
            await up.WaitForLineAsync(line => line is "  psql \"$HOSTWIRE_POSTGRES_URI\"", Cancellation);
            await up.WaitForLineAsync(line => line.StartsWith("The first values are in the database", StringComparison.Ordinal), Cancellation);
            up.Signal(UnixSignal.Interrupt);
            Assert.True(await up.WaitForExitAsync(Cancellation) == 0, up.Describe());
        }

        Assert.False(Directory.Exists(Folder.Cluster));
        Assert.True(await database.ScalarAsync<bool>("select count(*) > 0 from hostwire.metrics", Cancellation));
        // The same topic goes on where it was: nothing was lost, so there is no gap.
        await using ChildProcess again = await hostwire.StartAsync(arguments, environment);
        await again.WaitForLineAsync(line => line.StartsWith("The first values are in the database", StringComparison.Ordinal), Cancellation);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from hostwire.gap", Cancellation));
        Assert.DoesNotContain("has been made", again.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_is_not_root_needs_no_more()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "The other tests have run as such a user already.");
        const string user = "postgres";
        string binary = await hostwire.PathAsync();
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(binary)!).Where(file => Path.GetExtension(file) is "" or ".so"))
        {
            File.Copy(file, _directory[Path.GetFileName(file)]);
        }

        Directory.CreateDirectory(_directory["home"]);
        await ChildProcess.RunAsync("chown", [user, _directory["home"]]);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOME"] = _directory["home"], ["XDG_DATA_HOME"] = null, [DataFolder.Variable] = null };
        ChildProcess process = await ChildProcess.StartAsync(_directory["hostwire"], ["up"], environment, _directory.FullPath, user);
        await using UpRun up = await UpRun.OfAsync(process, user, Cancellation);
        await up.TrueAsync("select count(*) > 0 from hostwire.metrics", Cancellation);
        Assert.True(File.Exists(_directory["home/.local/share/hostwire/up.toml"]));
        await EndsWithNothingLeftAsync(up, UnixSignal.Interrupt);
    }

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PostgresBinaries.Find() is null, "PostgreSQL is not installed (Debian: apt-get install postgresql).");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<UpRun> StartAsync() => await UpRun.OfAsync(await hostwire.StartAsync(["up", "--data", Data]), user: null, Cancellation);

    private static async Task EndsWithNothingLeftAsync(UpRun up, UnixSignal signal)
    {
        int[] children = up.Children();
        Assert.NotEmpty(children);
        int exitCode = await up.EndAsync(signal, Cancellation);
        Assert.True(exitCode == 0, $"It ended with {exitCode}.\n{up.Describe()}");
        Assert.DoesNotContain(children, Lives);
    }

    // In a container nobody may collect orphans: dead ones stay in the table.
    private static bool Lives(int processId) => UpRun.StateOf(processId) is not (null or 'Z' or 'X');
}
