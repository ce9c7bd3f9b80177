using Hostwire.Configuration;
using Hostwire.Store;
using Npgsql;

namespace Hostwire.Up;

/// <summary>How many hosts the database knows.</summary>
internal sealed class HostCounter(PostgresOptions postgres) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database = PostgresDataSource.Create(postgres with { MaxConnections = 1 });

    /// <summary>Null while the database cannot be asked, which the sink makes known.</summary>
    public async Task<long?> CountAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlCommand command = _database.CreateCommand("select count(*) from hostwire.host");
            return (long?)await command.ExecuteScalarAsync(cancellationToken);
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
