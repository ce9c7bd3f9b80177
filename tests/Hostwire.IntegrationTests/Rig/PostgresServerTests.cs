using Npgsql;

namespace Hostwire.IntegrationTests.Rig;

public sealed class PostgresServerTests(PostgresServer shared)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_test_has_an_empty_database_of_its_own()
    {
        await using TestDatabase first = await shared.CreateEmptyDatabaseAsync(Cancellation);
        await using TestDatabase second = await shared.CreateEmptyDatabaseAsync(Cancellation);
        await first.ExecuteAsync("CREATE TABLE t (i int); INSERT INTO t VALUES (1)", Cancellation);
        Assert.Equal(1L, await first.ScalarAsync<long>("SELECT count(*) FROM t", Cancellation));
        Assert.Null(await second.ScalarAsync<string>("SELECT to_regclass('t')::text", Cancellation));
    }

    [Fact]
    public async Task What_was_committed_survives_a_kill_of_the_server()
    {
        await using var server = PostgresServer.CreateOwn();
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        await database.ExecuteAsync("CREATE TABLE t (i int); INSERT INTO t VALUES (1)", Cancellation);
        await server.KillAsync(Cancellation);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => database.ScalarAsync<long>("SELECT count(*) FROM t", Cancellation));
        await server.StartAsync(Cancellation);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM t", Cancellation));
    }

    [Fact]
    public async Task Tls_is_verified_against_the_private_ca_and_refused_with_another()
    {
        await using var server = PostgresServer.CreateOwn();
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { SslMode = SslMode.VerifyFull, RootCertificate = server.CaFile };
        await using (var connection = new NpgsqlConnection(settings.ConnectionString))
        {
            await connection.OpenAsync(Cancellation);
            await using var command = new NpgsqlCommand("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", connection);
            Assert.True((bool)(await command.ExecuteScalarAsync(Cancellation))!);
        }

        using var directory = new TestDirectory("other-ca");
        using var stranger = new PrivateCa("Somebody else's CA");
        await File.WriteAllTextAsync(directory["ca.pem"], stranger.Pem, Cancellation);
        settings.RootCertificate = directory["ca.pem"];
        await using var refused = new NpgsqlConnection(settings.ConnectionString);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => refused.OpenAsync(Cancellation));
    }
}
