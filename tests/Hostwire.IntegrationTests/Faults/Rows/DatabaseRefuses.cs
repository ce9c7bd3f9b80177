using Npgsql;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>PostgreSQL is there and will not: locks, cancelled statements, a deadlock, no connection free, read-only, a full disk.</summary>
internal sealed class DatabaseRefuses : Fault
{
    private static readonly string[] Ways = ["lock", "57014 cancelled", "40P01 deadlock", "53300 no connection", "25006 read-only", "53100 disk full"];
    private static readonly string[] Tables = ["hostwire.frame", "hostwire.kafka_offset", "hostwire.series", "hostwire.layout"];

    private readonly string _how;
    private readonly string _table;
    private readonly int _seconds;

    public DatabaseRefuses(Random random)
        : base(21, "database refuses")
    {
        _how = Draw("how", Ways[random.Next(Ways.Length)]);
        _table = Tables[random.Next(Tables.Length)];
        // Now and then longer than the client's own patience with a statement.
        _seconds = random.Next(12) == 0 ? 60 : random.Next(1, 5);
    }

    public override Task RunAsync(Round round, CancellationToken cancellationToken) => _how switch
    {
        "lock" => LockAsync(round, cancellationToken),
        "57014 cancelled" => CancelAsync(round, cancellationToken),
        "40P01 deadlock" => DeadlockAsync(round, cancellationToken),
        "53300 no connection" => WhileAsync(
            round, $"ALTER ROLE {round.Database.Roles.Sink} CONNECTION LIMIT 0; {EndSessions}", $"ALTER ROLE {round.Database.Roles.Sink} CONNECTION LIMIT -1", cancellationToken),
        "25006 read-only" => WhileAsync(
            round, $"ALTER ROLE {round.Database.Roles.Sink} SET default_transaction_read_only = on; {EndSessions}", $"ALTER ROLE {round.Database.Roles.Sink} RESET default_transaction_read_only", cancellationToken),
        // A real full disk would be the whole server's, and the runner's: the error is raised where it would come from.
        _ => WhileAsync(
            round,
            """
            CREATE OR REPLACE FUNCTION rig.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON hostwire.frame FOR EACH STATEMENT EXECUTE FUNCTION rig.full();
            """,
            "DROP TRIGGER full_disk ON hostwire.frame",
            cancellationToken),
    };

    private const string EndSessions =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'sink-%'";

    private async Task WhileAsync(Round round, string begin, string end, CancellationToken cancellationToken)
    {
        await round.Database.ExecuteAsync(begin, cancellationToken);
        try
        {
            await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
            Draw("seconds", _seconds);
            await Task.Delay(TimeSpan.FromSeconds(_seconds), cancellationToken);
        }
        finally
        {
            await round.Database.ExecuteAsync(end, CancellationToken.None);
        }

        await round.StoreMoreAsync(cancellationToken);
    }

    private async Task LockAsync(Round round, CancellationToken cancellationToken)
    {
        Draw("table", _table);
        Draw("seconds", _seconds);
        await using (NpgsqlConnection connection = await round.Database.DataSource.OpenConnectionAsync(cancellationToken))
        await using (NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await ExecuteAsync(connection, $"LOCK TABLE {_table} IN ACCESS EXCLUSIVE MODE", cancellationToken);
            await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(_seconds), cancellationToken);
            await transaction.RollbackAsync(cancellationToken);
        }

        await round.StoreMoreAsync(cancellationToken);
    }

    private static async Task CancelAsync(Round round, CancellationToken cancellationToken)
    {
        Task accepting = round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        long cancelled = 0;
        while (!accepting.IsCompleted || cancelled < 3)
        {
            cancelled += await round.Database.AdminScalarAsync<long>(
                "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'sink-%' AND state <> 'idle'", cancellationToken);
            await Task.Delay(round.Random.Next(1, 50), cancellationToken);
        }

        await accepting;
        await round.StoreMoreAsync(cancellationToken);
    }

    /// <summary>The sink holds the row of its offset and waits for the frames, we hold the frames and ask for the row: the server ends one of us.</summary>
    private static async Task DeadlockAsync(Round round, CancellationToken cancellationToken)
    {
        await using (NpgsqlConnection connection = await round.Database.DataSource.OpenConnectionAsync(cancellationToken))
        await using (NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await ExecuteAsync(connection, "LOCK TABLE hostwire.frame IN ACCESS EXCLUSIVE MODE", cancellationToken);
            // In a COPY, or in what follows it where a batch before had duplicates.
            await round.UntilAsync(
                async () => await round.Database.AdminScalarAsync<long>(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'sink-%' AND wait_event_type = 'Lock' AND (query ILIKE 'copy %' OR query ILIKE '%incoming%')",
                    cancellationToken) > 0,
                "a sink to wait for the lock",
                cancellationToken);
            await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
            try
            {
                await ExecuteAsync(connection, "UPDATE hostwire.kafka_offset SET updated_at = updated_at", cancellationToken);
            }
            catch (PostgresException victim) when (victim.SqlState is PostgresErrorCodes.DeadlockDetected)
            {
                // It was us; the sink goes on.
            }

            await transaction.RollbackAsync(cancellationToken);
        }

        await round.StoreMoreAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
