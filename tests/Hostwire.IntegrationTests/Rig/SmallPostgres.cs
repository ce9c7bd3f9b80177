namespace Hostwire.IntegrationTests.Rig;

/// <summary>A PostgreSQL with few connections, for the tests of one class (<c>IClassFixture</c>) that change what concerns the whole server.</summary>
public sealed class SmallPostgres : IAsyncDisposable
{
    /// <summary>Connections that it takes; three of them are the superuser's.</summary>
    public const int MaxConnections = 20;

    /// <summary>Starts when first asked for a database.</summary>
    public PostgresServer Server { get; } = PostgresServer.CreateOwn(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["max_connections"] = "20",
        // Long enough for a test to close the circle after a sink has begun to wait, and before the sink's backend looks for one.
        ["deadlock_timeout"] = "5s",
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
