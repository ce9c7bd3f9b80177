using System.Globalization;
using System.Text.Json;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>Dead letters are shown to maintenance, and stored once as soon as they can be.</summary>
/// <remarks>Records that can be stored are put among the dead letters by hand: as after an update that understands them.</remarks>
public sealed class DeadLetterTests(PostgresServer postgres, PublishedBinary hostwire) : IAsyncLifetime
{
    private static readonly byte[] Junk = "not a metric"u8.ToArray();

    private readonly TestDirectory _files = new("dead-letters");
    private readonly SyntheticHost _host = new("letter-host", seed: 1);
    private TestDatabase? _database;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestDatabase Database => _database!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync(Cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _files.Dispose();
        await Database.DisposeAsync();
    }

    [Fact]
    public async Task They_are_listed_for_people_and_programs_and_nothing_in_them_reaches_the_terminal()
    {
        await AddAsync("metrics\u001b[2J", 7, "It names \u001b[31mhost\u202e and\nlevel=error msg=forged.", Junk);
        await AddAsync("metrics", 8, "Plain.", payload: null);
        RunResult list = await RunAsync("dead-letters");
        Assert.Equal(0, list.ExitCode);
        string[] lines = list.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("ID", lines[0], StringComparison.Ordinal);
        Assert.Contains("gone", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("""It names \u001b[31mhost\u202e and\nlevel=error msg=forged.""", lines[2], StringComparison.Ordinal);
        Assert.Contains("""metrics\u001b[2J""", lines[2], StringComparison.Ordinal);
        Assert.Equal("2 dead letters, 2 shown; 1 of all have no payload and cannot be tried again. Times are UTC.", lines[^1]);
        Assert.DoesNotContain('\u001b', list.StandardOutput);

        RunResult json = await RunAsync("dead-letters", "--json", "--limit", "1");
        using JsonDocument newest = JsonDocument.Parse(json.StandardOutput);
        Assert.Equal(8, newest.RootElement.GetProperty("offset").GetInt64());
        RunResult both = await RunAsync("dead-letters", "--json");
        using JsonDocument oldest = JsonDocument.Parse(both.StandardOutput.Split('\n')[1]);
        Assert.Equal(Junk, oldest.RootElement.GetProperty("payload").GetBytesFromBase64());
        Assert.DoesNotContain('\u001b', both.StandardOutput);
    }

    [Fact]
    public async Task Replay_stores_what_can_be_stored_once_and_leaves_the_rest_with_its_reason_of_today()
    {
        await AddRecordsAsync(3);
        await AddAsync("metrics", 100, "An old reason.", Junk);
        await AddAsync("metrics", 101, "Gone.", payload: null);
        RunResult replay = await RunAsync("replay");
        Assert.Equal(1, replay.ExitCode);
        Assert.Contains("3 of 5 dead letters are stored now: ", replay.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("1 have no payload", replay.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("1 cannot be stored yet: `hostwire sink dead-letters` shows why.", replay.StandardError, StringComparison.Ordinal);
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(Database, Cancellation));
        Assert.Equal("100 true, 101 false", await Database.AdminScalarAsync<string>(
            "SELECT string_agg(record_offset || ' ' || (reason <> 'An old reason.' AND tried_at IS NOT NULL), ', ' ORDER BY record_offset) FROM hostwire.dead_letter", Cancellation));

        RunResult again = await RunAsync("replay");
        Assert.Contains("0 of 2 dead letters are stored now", again.StandardOutput, StringComparison.Ordinal);
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(Database, Cancellation));
    }

    [Fact]
    public async Task Replay_of_one_number_leaves_the_others_alone()
    {
        await AddRecordsAsync(2);
        long id = await Database.AdminScalarAsync<long>("SELECT min(dead_letter_id) FROM hostwire.dead_letter", Cancellation);
        RunResult one = await RunAsync("replay", "--id", id.ToString(CultureInfo.InvariantCulture));
        Assert.True(one.ExitCode == 0, one.StandardError);
        Assert.Contains("1 of 1 dead letters are stored now", one.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(1, await Database.AdminScalarAsync<long>("SELECT count(*) FROM hostwire.dead_letter", Cancellation));
    }

    [Fact]
    public async Task Two_replays_at_once_store_each_of_them_once()
    {
        await AddRecordsAsync(1500);
        RunResult[] runs = await Task.WhenAll(RunAsync("replay"), RunAsync("replay"));
        Assert.All(runs, run => Assert.True(run.ExitCode == 0, run.StandardError));
        Assert.Equal(0, await Database.AdminScalarAsync<long>("SELECT count(*) FROM hostwire.dead_letter", Cancellation));
        Assert.Equal(1500, runs.Sum(run => int.Parse(run.StandardOutput.Split(' ')[0], CultureInfo.InvariantCulture)));
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(Database, Cancellation));
    }

    [Fact]
    public async Task Replay_that_is_killed_half_way_has_stored_nothing_and_the_next_stores_all()
    {
        await AddRecordsAsync(3);
        await Database.ExecuteAsync($"SELECT hostwire.ensure_partition((to_timestamp({_host.StartMicros} / 1000000) AT TIME ZONE 'UTC')::date)", Cancellation);
        await using (NpgsqlConnection other = await Database.DataSource.OpenConnectionAsync(Cancellation))
        await using (NpgsqlTransaction transaction = await other.BeginTransactionAsync(Cancellation))
        {
            // Its frames have to wait: by then the dead letters are deleted, and the transaction is open.
            await using (var hold = new NpgsqlCommand("LOCK TABLE hostwire.frame IN SHARE MODE", other))
            {
                await hold.ExecuteNonQueryAsync(Cancellation);
            }

            await using ChildProcess replay = await StartAsync("replay");
            await Eventually.TrueAsync(
                () => Database.AdminScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE 'copy hostwire.frame%')", Cancellation),
                "the replay to wait for the table", Cancellation, replay);

            // What it has read of the dictionary stays until it is done: whoever removes anything there has to wait.
            Assert.True(await Database.AdminScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'hostwire.kafka_offset'::regclass AND mode = 'RowExclusiveLock' AND granted)", Cancellation));
            replay.Signal(UnixSignal.Kill);
            await replay.WaitForExitAsync(Cancellation);
            await transaction.RollbackAsync(Cancellation);
        }

        await Eventually.TrueAsync(
            () => Database.AdminScalarAsync<bool>("SELECT NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'hostwire.dead_letter'::regclass AND pid <> pg_backend_pid())", Cancellation),
            "the server to roll the killed one's transaction back", Cancellation);
        Assert.Equal(3, await Database.AdminScalarAsync<long>("SELECT count(*) FROM hostwire.dead_letter", Cancellation));
        RunResult next = await RunAsync("replay");
        Assert.True(next.ExitCode == 0, next.StandardError);
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(Database, Cancellation));
    }

    [Theory]
    [InlineData("sink")]
    [InlineData("reader")]
    public async Task Only_maintenance_may_see_them(string purpose)
    {
        await AddAsync("metrics", 1, "A reason.", Junk);
        string role = Database.Roles.All.Single(name => name.EndsWith($"_{purpose}", StringComparison.Ordinal));
        RunResult refused = await hostwire.RunAsync(["sink", "dead-letters", "--config", await WriteAsync(role)], cancellationToken: Cancellation);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("refuses this role a right (permission denied for table dead_letter)", refused.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("A reason", refused.StandardOutput, StringComparison.Ordinal);
    }

    private async Task<RunResult> RunAsync(params string[] arguments) =>
        await hostwire.RunAsync(["sink", .. arguments, "--config", await WriteAsync(Database.Roles.Maintenance)], cancellationToken: Cancellation);

    private async Task<ChildProcess> StartAsync(params string[] arguments) =>
        await hostwire.StartAsync(["sink", .. arguments, "--config", await WriteAsync(Database.Roles.Maintenance)]);

    private Task<string> WriteAsync(string role) => _files.WriteAsync($"{role}.toml", $"postgres.uri = \"{Database.UriOf(role)}\"\n");

    private async Task AddRecordsAsync(int count)
    {
        for (int offset = 0; offset < count; offset++)
        {
            await AddAsync("metrics", offset, "Not understood yet.", _host.NextRecord());
        }
    }

    private async Task AddAsync(string topic, long offset, string reason, byte[]? payload)
    {
        await using NpgsqlCommand command = Database.DataSource.CreateCommand(
            "INSERT INTO hostwire.dead_letter (topic, partition, record_offset, topic_id, reason, payload) VALUES ($1, 0, $2, '', $3, $4)");
        command.Parameters.Add(new NpgsqlParameter { Value = topic });
        command.Parameters.Add(new NpgsqlParameter { Value = offset });
        command.Parameters.Add(new NpgsqlParameter { Value = reason });
        command.Parameters.Add(new NpgsqlParameter<byte[]?> { TypedValue = payload });
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
