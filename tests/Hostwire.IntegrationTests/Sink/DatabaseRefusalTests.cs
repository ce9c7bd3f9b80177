using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>
/// Everything that PostgreSQL may answer besides yes, made by PostgreSQL itself: the sink says what is wrong, tries again until it works, and nothing is lost
/// or stored twice. A missing partition (23514) is mended without a word: see <see cref="SinkDatabaseTests"/>; a server that dies: <see cref="OutageTests"/>.
/// </summary>
public sealed class DatabaseRefusalTests(KafkaBroker broker, SmallPostgres small) : IClassFixture<SmallPostgres>, IDisposable
{
    private const int Records = 300;

    private readonly SyntheticHost _host = new("web-1", seed: 1);
    private readonly LogLines _log = new();
    private RunningSink? _sink;
    private string _topic = "";
    private long _produced;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningSink Sink => _sink!;

    private string SinkRole => small.Server.Roles.Sink;

    private string EndSinks => $"select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = '{SinkRole}'";

    [Fact]
    public Task Read_only_25006() => RefusedAsync(LogLevel.Error, "is read-only: its disk is nearly full, or this is a replica", async (database, said) =>
    {
        await ServerAsync($"alter database {database.Name} set default_transaction_read_only = on; {EndSinks}");
        await ProduceAsync();
        await said();
        await ServerAsync($"alter database {database.Name} reset default_transaction_read_only");
    });

    [Fact]
    public Task Read_only_25006_when_the_settings_are_read_again() => RefusedAsync(LogLevel.Error, "is read-only: its disk is nearly full, or this is a replica", async (database, said) =>
    {
        // The first that it does then is to write the retention.
        await ServerAsync($"alter database {database.Name} set default_transaction_read_only = on; {EndSinks}");
        await Sink.ReloadAsync();
        await ProduceAsync();
        await said();
        await ServerAsync($"alter database {database.Name} reset default_transaction_read_only");
    });

    [Fact]
    public Task No_connection_left_for_the_role_53300() => RefusedAsync(LogLevel.Warning, "has no connection free: end some, or raise its max_connections", async (_, said) =>
    {
        await ServerAsync($"alter role {SinkRole} connection limit 0; {EndSinks}");
        await ProduceAsync();
        await said();
        await ServerAsync($"alter role {SinkRole} connection limit -1");
    });

    [Fact]
    public Task No_connection_left_at_all_53300() => RefusedAsync(LogLevel.Warning, "has no connection free: end some, or raise its max_connections", async (database, said) =>
    {
        var others = new List<NpgsqlConnection>();
        string reader = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = small.Server.Roles.Reader, Password = small.Server.RolePassword, Pooling = false }.ConnectionString;
        Task? saying = null;
        while (saying is not { IsCompleted: true })
        {
            // Again and again: idle connections of the tests end meanwhile, and the sink may be the one who gets their place.
            await ServerAsync(EndSinks);
            await FillAsync(others, reader);
            await ProduceAsync();
            saying ??= said();
        }

        await saying;
        foreach (NpgsqlConnection other in others)
        {
            await other.DisposeAsync();
        }
    });

    [Fact]
    public async Task Disk_full_53100()
    {
        await using var disk = await SmallTablespace.MountAsync(small.Server, Cancellation);
        await RefusedAsync(
            LogLevel.Error,
            "has no space left on its disk: free some, or lower sink.retention_days",
            async (database, said) =>
            {
                await disk.FillAsync();
                await ProduceAsync();
                await said();
                disk.Free();
            },
            prepare: database => database.ExecuteAsync($"""
                select hostwire.ensure_partition((now() at time zone 'UTC')::date - n) from generate_series(0, 1) n;
                do $$
                declare
                  part regclass;
                begin
                  for part in select inhrelid::regclass from pg_inherits where inhparent = 'hostwire.frame'::regclass loop
                    execute format('alter table %s set tablespace {disk.Tablespace}', part);
                  end loop;
                end $$;
                """, Cancellation));
    }

    [Fact]
    public Task Deadlock_40P01() => RefusedAsync(LogLevel.Warning, "deadlock detected (SQLSTATE 40P01)", async (database, said) =>
    {
        // The sink holds the row of its offset and waits for the frames; we hold the frames and ask for the row.
        await using BatchWait batch = await BatchWait.BeginAsync(database, Cancellation);
        await ProduceAsync();
        await batch.CaughtAsync(Cancellation);
        await batch.ExecuteAsync("update hostwire.kafka_offset set updated_at = updated_at", Cancellation);
        await said();
    });

    [Fact]
    public Task Statement_cancelled_57014() => RefusedInCopyAsync("canceling statement due to user request (SQLSTATE 57014)", "pg_cancel_backend");

    [Fact]
    public Task Connection_ended_by_an_administrator_57P01() => RefusedInCopyAsync("has ended this connection (terminating connection due to administrator command)", "pg_terminate_backend");

    [Fact]
    public Task Lock_not_to_be_had_55P03() => RefusedAsync(LogLevel.Warning, "canceling statement due to lock timeout (SQLSTATE 55P03)", async (database, said) =>
    {
        await ServerAsync($"alter role {SinkRole} set lock_timeout = '50ms'; {EndSinks}");
        await using (await BatchWait.BeginAsync(database, Cancellation))
        {
            await ProduceAsync();
            await said();
        }

        await ServerAsync($"alter role {SinkRole} reset lock_timeout");
    });

    [Fact]
    public Task Server_shutting_down_57P03() => RefusedAsync(LogLevel.Warning, "is stopping or starting, or has ended this connection (the database system is shutting down)", async (database, said) =>
    {
        // A smart shutdown waits for those who are connected, and takes nobody new.
        await using (NpgsqlConnection guest = await database.DataSource.OpenConnectionAsync(Cancellation))
        {
            small.Server.Signal(UnixSignal.Terminate);
            await using var end = new NpgsqlCommand(EndSinks, guest);
            await end.ExecuteScalarAsync(Cancellation);
            await ProduceAsync();
            await said();
        }

        await small.Server.StopAsync(Cancellation);
        await small.Server.StartAsync(Cancellation);
    });

    [Fact]
    public async Task Connection_cut_in_mid_batch()
    {
        await using var proxy = new FaultProxy();
        await RefusedAsync(
            LogLevel.Warning,
            "cannot be reached or hung up",
            async (database, said) =>
            {
                await using BatchWait batch = await BatchWait.BeginAsync(database, Cancellation);
                await ProduceAsync();
                await batch.CaughtAsync(Cancellation);
                proxy.CutAll();
                await said();
            },
            through: proxy);
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    private Task RefusedInCopyAsync(string sentence, string how) => RefusedAsync(LogLevel.Warning, sentence, async (database, said) =>
    {
        await using BatchWait batch = await BatchWait.BeginAsync(database, Cancellation);
        await ProduceAsync();
        int backend = await batch.CaughtAsync(Cancellation);
        await ServerAsync($"select {how}({backend})::int::bigint");
        await said();
    });

    /// <summary>A sink stores, is refused while more comes, and stores on.</summary>
    /// <param name="level">Error where a person is needed, else warning.</param>
    /// <param name="sentence">What the user is told.</param>
    /// <param name="refuse">Brings the refusal about, has records come, waits until the user has been told, and ends it.</param>
    /// <param name="prepare">What is done to the database before the sink starts.</param>
    /// <param name="through">Where the sink connects, if not to the server itself.</param>
    private async Task RefusedAsync(LogLevel level, string sentence, Func<TestDatabase, Func<Task>, Task> refuse, Func<TestDatabase, Task>? prepare = null, FaultProxy? through = null)
    {
        _topic = await broker.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await small.Server.CreateDatabaseAsync(Cancellation);
        await (prepare?.Invoke(database) ?? Task.CompletedTask);
        string uri = database.Uri;
        if (through is not null)
        {
            through.Target = small.Server.Port;
            uri = new UriBuilder(uri) { Port = through.Port }.Uri.ToString();
        }

        await using RunningSink sink = _sink = new RunningSink(broker, _topic, uri, log: _log);
        await ProduceAsync();
        await sink.StoredAsync(_produced);
        await refuse(database, () => sink.UntilAsync(_ => _log.All.Any(line => line.Level == level && line.Message.Contains(sentence, StringComparison.Ordinal)), $"the sink to say: {sentence}"));
        await ProduceAsync();
        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<long>("select next_offset from hostwire.kafka_offset", Cancellation) == _produced, $"{_produced} records to be stored", Cancellation);
        await sink.StopAsync();
        Assert.True(_log.Has("PostgreSQL works again after"), string.Join('\n', _log.All));
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
        Assert.Equal(0L, await database.AdminScalarAsync<long>("select (select count(*) from hostwire.gap) + (select count(*) from hostwire.conflict) + (select count(*) from hostwire.dead_letter)", Cancellation));
    }

    private async Task ProduceAsync()
    {
        await broker.Client.ProduceAsync(_topic, Enumerable.Range(0, Records).Select(_ => new RawRecord(_host.NextRecord())), Cancellation);
        _produced += Records;
    }

    /// <summary>On another database of the server, where nothing is refused.</summary>
    private async Task<long> ServerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(small.Server.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Cancellation);
        long last = 0;
#pragma warning disable CA2100 // Made of names of the rig.
        foreach (string statement in sql.Split("; "))
        {
            await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
            last = await command.ExecuteScalarAsync(Cancellation) as long? ?? 0;
        }

        return last;
    }

    private static async Task FillAsync(List<NpgsqlConnection> connections, string connectionString)
    {
        while (true)
        {
            var connection = new NpgsqlConnection(connectionString);
            try
            {
                await connection.OpenAsync(Cancellation);
                connections.Add(connection);
            }
            catch (PostgresException full) when (full.SqlState is PostgresErrorCodes.TooManyConnections)
            {
                await connection.DisposeAsync();
                return;
            }
        }
    }
}
