using System.Security.Authentication;
using Hostwire.Configuration;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;
using Npgsql;

namespace Hostwire.IntegrationTests.Store;

/// <summary>The connection that section <c>[postgres]</c> makes, against a real server with a private CA.</summary>
public sealed class PostgresDataSourceTests(TlsRig rig) : IClassFixture<TlsRig>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("require")]
    [InlineData("verify-full")]
    public async Task The_right_CA_lets_it_in_over_TLS(string sslMode)
    {
        await using TestDatabase database = await rig.Postgres.CreateDatabaseAsync(Cancellation);

        Assert.Equal("true hostwire", await IdentifyAsync(Options(database, sslMode) with { CaFile = rig.Postgres.CaFile }));
    }

    [Theory]
    [InlineData("prefer")]
    [InlineData("require")]
    [InlineData("verify-ca")]
    public async Task A_server_that_the_system_does_not_know_is_refused_whatever_sslmode_says(string sslMode)
    {
        await using TestDatabase database = await rig.Postgres.CreateDatabaseAsync(Cancellation);

        await AssertRefusedAsync(Options(database, sslMode));
    }

    [Fact]
    public async Task Another_CA_is_refused()
    {
        await using TestDatabase database = await rig.Postgres.CreateDatabaseAsync(Cancellation);
        using var files = new TestDirectory("other-ca");
        using var stranger = new PrivateCa("Somebody else's CA");

        await AssertRefusedAsync(Options(database, "require") with { CaFile = await files.WriteAsync("ca.pem", stranger.Pem) });
    }

    [Fact]
    public async Task The_right_CA_for_the_wrong_host_is_refused()
    {
        await using TestDatabase database = await rig.Postgres.CreateDatabaseAsync(Cancellation);
        await using var forwarder = new FaultProxy(rig.Postgres.Port, host: "127.0.0.2");
        PostgresOptions options = Options(database, "require") with { CaFile = rig.Postgres.CaFile };
        var elsewhere = new UriBuilder(options.Uri) { Host = forwarder.Host, Port = forwarder.Port };

        await AssertRefusedAsync(options with { Uri = elsewhere.Uri.AbsoluteUri });
    }

    [Fact]
    public async Task Tls_verify_false_lets_it_in_over_TLS_unverified()
    {
        await using TestDatabase database = await rig.Postgres.CreateDatabaseAsync(Cancellation);

        Assert.Equal("true hostwire", await IdentifyAsync(Options(database, "require") with { TlsVerify = false }));
    }

    [Fact]
    public async Task Sslmode_disable_means_no_TLS()
    {
        await using TestDatabase database = await rig.Postgres.CreateDatabaseAsync(Cancellation);

        Assert.Equal("false hostwire", await IdentifyAsync(Options(database, "disable")));
    }

    [Fact]
    public async Task The_pool_opens_no_more_connections_than_it_may()
    {
        await using TestDatabase database = await rig.Postgres.CreateDatabaseAsync(Cancellation);
        await using NpgsqlDataSource source = PostgresDataSource.Create(Options(database, "disable") with { Uri = database.Uri + "&connect_timeout=1", MaxConnections = 2 });
        await using NpgsqlConnection first = await source.OpenConnectionAsync(Cancellation);
        await using NpgsqlConnection second = await source.OpenConnectionAsync(Cancellation);

        NpgsqlException error = await Assert.ThrowsAsync<NpgsqlException>(async () => await source.OpenConnectionAsync(Cancellation));

        Assert.IsType<TimeoutException>(error.InnerException);
    }

    [Fact]
    public async Task A_password_with_every_special_character_arrives()
    {
        const string Password = "a@b/c:d?e#f%g&h=i+j k'\"\\ä";
        await using TestDatabase database = await rig.Postgres.CreateDatabaseAsync(Cancellation);
        string role = $"special_{Guid.NewGuid():n}";
        await database.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD '{Password.Replace("'", "''", StringComparison.Ordinal)}'", Cancellation);

        string uri = database.UriOf(role, Password);
        Assert.Equal("false hostwire", await IdentifyAsync(new() { Uri = uri }));
        Assert.Equal("false hostwire", await IdentifyAsync(new() { Uri = database.UriOf(role, ""), Password = Password }));

        await database.ExecuteAsync($"DROP ROLE {role}", Cancellation);
    }

    private static PostgresOptions Options(TestDatabase database, string sslMode) => new() { Uri = database.Uri.Replace("sslmode=disable", $"sslmode={sslMode}", StringComparison.Ordinal) };

    /// <summary>Whether the server sees TLS, and what it takes us for.</summary>
    private static async Task<string> IdentifyAsync(PostgresOptions options)
    {
        await using NpgsqlDataSource source = PostgresDataSource.Create(options);
        await using NpgsqlCommand command = source.CreateCommand(
            "SELECT s.ssl::text || ' ' || a.application_name FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE pid = pg_backend_pid()");
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task AssertRefusedAsync(PostgresOptions options)
    {
        NpgsqlException error = await Assert.ThrowsAsync<NpgsqlException>(() => IdentifyAsync(options));
        Assert.IsType<AuthenticationException>(error.InnerException);
    }
}
