using Hostwire.Store.Roles;
using Npgsql;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>
/// A database for one test alone; dropped at its end. What Hostwire does in it, it does as one of the roles that <c>hostwire db roles</c> makes, and what a
/// test only reads it reads as the reader. The superuser is for what no role may do: breaking things.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;
    private readonly Lazy<NpgsqlDataSource> _reader;
    private readonly Lazy<NpgsqlDataSource> _sink;

    internal TestDatabase(PostgresServer server, string name, bool isEmpty)
    {
        _server = server;
        Name = name;
        IsEmpty = isEmpty;
        DataSource = NpgsqlDataSource.Create(ConnectionString);
        _reader = new(() => ConnectAs(isEmpty ? server.User : server.Roles.Reader));
        _sink = new(() => ConnectAs(server.Roles.Sink));
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Whether it was made without the schema; then there are no rights in it, and everything is done as the superuser.</summary>
    public bool IsEmpty { get; }

    /// <summary>As Npgsql reads it, for the test itself: the server's superuser.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = Name }.ConnectionString;

    /// <summary>As a sink is given it: the sink's role; in a database that was made empty, the superuser.</summary>
    public string Uri => IsEmpty ? AdminUri : UriOf(Roles.Sink);

    /// <summary>As Hostwire is given it, for the server's superuser.</summary>
    public string AdminUri => UriOf(_server.User, _server.Password);

    /// <summary>The names of the roles.</summary>
    public RoleNames Roles => _server.Roles;

    /// <summary>Connections for the test itself, as the server's superuser.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>Connections for what is only read, as the reader.</summary>
    public NpgsqlDataSource Reader => _reader.Value;

    /// <summary>Connections as the sink's role.</summary>
    public NpgsqlDataSource Sink => _sink.Value;

    /// <summary>The <c>postgres://</c> URI for one of the four roles.</summary>
    public string UriOf(string role) => UriOf(role, _server.RolePassword);

    /// <summary>The <c>postgres://</c> URI for another role. <c>sslmode=disable</c> unless another is named.</summary>
    public string UriOf(string user, string password, string sslMode = "disable") =>
        $"postgres://{System.Uri.EscapeDataString(user)}:{System.Uri.EscapeDataString(password)}@{_server.Host}:{_server.Port}/{Name}?sslmode={sslMode}";

    /// <summary>Connections as one of the four roles, or as the superuser; the caller disposes it.</summary>
    public NpgsqlDataSource ConnectAs(string role) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(ConnectionString)
    {
        Username = role,
        Password = role == _server.User ? _server.Password : _server.RolePassword,
    });

    /// <summary>Runs one or several statements as the superuser.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken = default)
    {
        await using NpgsqlCommand command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Reads as the reader: the first column of the first row; <c>default</c> where there is none or it is NULL.</summary>
    public Task<T?> ScalarAsync<T>(string sql, CancellationToken cancellationToken = default) => ScalarAsync<T>(Reader, sql, cancellationToken);

    /// <summary>The same as the superuser, for what the reader may not see or do.</summary>
    public Task<T?> AdminScalarAsync<T>(string sql, CancellationToken cancellationToken = default) => ScalarAsync<T>(DataSource, sql, cancellationToken);

    /// <summary>The same over connections that the test names.</summary>
    public static async Task<T?> ScalarAsync<T>(NpgsqlDataSource source, string sql, CancellationToken cancellationToken = default)
    {
        await using NpgsqlCommand command = source.CreateCommand(sql);
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
        foreach (Lazy<NpgsqlDataSource> source in (Lazy<NpgsqlDataSource>[])[_reader, _sink])
        {
            if (source.IsValueCreated)
            {
                await source.Value.DisposeAsync();
            }
        }

        await _server.DropDatabaseAsync(Name);
    }

    /// <summary>Forgets connections that the server has lost.</summary>
    internal void ForgetConnections()
    {
        DataSource.Clear();
        foreach (Lazy<NpgsqlDataSource> source in (Lazy<NpgsqlDataSource>[])[_reader, _sink])
        {
            if (source.IsValueCreated)
            {
                source.Value.Clear();
            }
        }
    }
}
