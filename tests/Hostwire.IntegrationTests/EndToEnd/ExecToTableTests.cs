using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>What a command of the user's prints, from the published binary to the table; and what one that hangs keeps from nobody.</summary>
public sealed class ExecToTableTests(KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire) : IDisposable
{
    private readonly TestDirectory _files = new("exec-to-table");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task What_commands_print_is_in_the_table_and_one_that_hangs_or_fails_keeps_it_from_nobody()
    {
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        string pids = _files["pids"];
        string config = await _files.WriteAsync("hostwire.toml", SinkSettings.Text(kafka, topic, database, $$"""

            [agent]
            host_name = "web-1"
            interval_seconds = 1
            spool_file = "{{_files["spool"]}}"

            [[exec]]
            name = "jobs"
            command = "echo 'jobs_waiting{queue=\"mail\"} 3'; printf '# TYPE jobs_done counter\n# UNIT jobs_done seconds\njobs_done 12.5\n'; echo 'is this a line'; env | grep -c ^HOSTWIRE_ | sed 's/^/seen /'"
            interval_seconds = 1
            timeout_seconds = 1
            attributes = { team = "storage" }

            [[exec]]
            name = "hangs"
            command = "sleep 1000 & echo $! >> {{pids}}; wait"
            interval_seconds = 1
            timeout_seconds = 0.5

            [[exec]]
            name = "fails"
            command = "printf 'no \\033[31mdisk\\n' >&2; exit 3"
            """));
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOSTWIRE_KAFKA_TOPIC"] = topic };
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config]);
        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", config], environment);
        await agent.WaitForLineAsync(line => line.Contains("Command hangs was not done within 0.5 s", StringComparison.Ordinal), Cancellation);
        await agent.WaitForLineAsync(line => line.Contains("Command jobs prints lines that are left out (now 1)", StringComparison.Ordinal), Cancellation);
        await agent.WaitForLineAsync(line => line.Contains("""Command fails exited with 3: no \u001b[31mdisk.""", StringComparison.Ordinal), Cancellation);
        await Eventually.TrueAsync(
            async () => (await kafka.Client.EndOffsetsAsync(topic, Cancellation)).Sum() >= 6, "six records", Cancellation, agent, sink);
        await SinkSettings.StopAsync(agent, Cancellation);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        await SinkSettings.StopAsync(sink, Cancellation);

        Assert.Equal(
            """jobs_done s counter {"team": "storage"} 12.5, jobs_waiting  gauge {"team": "storage", "queue": "mail"} 3, seen  gauge {"team": "storage"} 0""",
            await database.ScalarAsync<string>(
                """
                select string_agg(distinct metric || ' ' || unit || ' ' || kind || ' ' || attributes || ' ' || value, ', ')
                from hostwire.metrics where metric in ('jobs_done', 'jobs_waiting', 'seen')
                """,
                Cancellation));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(distinct f.layout_id) from hostwire.frame f join hostwire.layout_series using (layout_id) join hostwire.series using (series_id) join hostwire.metric m using (metric_id) where m.name = 'jobs_done'", Cancellation));
        Assert.True(await database.ScalarAsync<long>("select count(*) from hostwire.metrics where metric = 'system.uptime'", Cancellation) >= 2);
        Assert.All(await File.ReadAllLinesAsync(pids, Cancellation), pid => Assert.False(Runs(pid), $"Process {pid} still runs."));
    }

    private static bool Runs(string pid)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{pid}/stat");
            return text[text.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
