using Npgsql;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>An empty database for one test alone; dropped at its end.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;

    internal TestDatabase(PostgresServer server, string name)
    {
        _server = server;
        Name = name;
        DataSource = NpgsqlDataSource.Create(ConnectionString);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>As Npgsql reads it, for the test itself: the server's superuser.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = Name }.ConnectionString;

    /// <summary>As Hostwire is given it, for the server's superuser.</summary>
    public string Uri => UriOf(_server.User, _server.Password);

    /// <summary>Connections for the test itself, as the server's superuser.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>The <c>postgres://</c> URI for another role. <c>sslmode=disable</c> unless another is named.</summary>
    public string UriOf(string user, string password, string sslMode = "disable") =>
        $"postgres://{System.Uri.EscapeDataString(user)}:{System.Uri.EscapeDataString(password)}@{_server.Host}:{_server.Port}/{Name}?sslmode={sslMode}";

    /// <summary>Runs one or several statements as the superuser.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken = default)
    {
        await using NpgsqlCommand command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first column of the first row; <c>default</c> where there is none or it is NULL.</summary>
    public async Task<T?> ScalarAsync<T>(string sql, CancellationToken cancellationToken = default)
    {
        await using NpgsqlCommand command = DataSource.CreateCommand(sql);
        object? value = await command.ExecuteScalarAsync(cancellationToken);
        return value is null or DBNull ? default : (T)value;
    }

    /// <summary>A role that may log in and nothing else; its name is its password. Roles belong to the server, so name it after the test.</summary>
    public Task CreateRoleAsync(string role, CancellationToken cancellationToken = default) =>
        ExecuteAsync($"""CREATE ROLE "{role}" LOGIN PASSWORD '{role}'""", cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await _server.DropDatabaseAsync(Name);
    }
}
