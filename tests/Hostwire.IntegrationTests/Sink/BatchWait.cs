using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>Holds sinks where they are in the middle of a batch: the offset is moved, and their COPY waits for a lock.</summary>
internal sealed class BatchWait : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private BatchWait(TestDatabase database, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _database = database;
        _connection = connection;
        _transaction = transaction;
    }

    /// <summary>Takes the lock; from now on no COPY gets on.</summary>
    public static async Task<BatchWait> BeginAsync(TestDatabase database, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        var wait = new BatchWait(database, connection, transaction);
        // Whoever may be the victim of a deadlock with us, it is not we: the one whose wait began last looks for it, after this time.
        await wait.ExecuteAsync("set local deadlock_timeout = '1h'; lock table hostwire.frame in share mode", cancellationToken);
        return wait;
    }

    /// <summary>Waits until a sink waits; returns the process id of its backend.</summary>
    public async Task<int> CaughtAsync(CancellationToken cancellationToken)
    {
        int found = 0;
        await Eventually.TrueAsync(
            async () => (found = await _database.AdminScalarAsync<int>(
                "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ilike 'copy %' limit 1", cancellationToken)) > 0,
            "a sink to wait in its COPY",
            cancellationToken);
        return found;
    }

    /// <summary>Runs a statement in the transaction that holds the lock.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, _connection, _transaction) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Lets them go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
