using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Store;
using Hostwire.Tests.Configuration;
using Npgsql;

namespace Hostwire.Tests.Store;

public sealed class PostgresDataSourceTests : IDisposable
{
    private const string Canary = "AVNS_c4n4ry";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", SslMode.VerifyFull)]
    [InlineData("?sslmode=allow", SslMode.VerifyFull)]
    [InlineData("?sslmode=prefer", SslMode.VerifyFull)]
    [InlineData("?sslmode=require", SslMode.VerifyFull)]
    [InlineData("?sslmode=verify-ca", SslMode.VerifyFull)]
    [InlineData("?sslmode=verify-full", SslMode.VerifyFull)]
    [InlineData("?sslmode=disable", SslMode.Disable)]
    public void Tls_is_verified_in_full_whatever_sslmode_says_unless_it_says_disable(string query, SslMode expected) =>
        Assert.Equal(expected, Settings(new() { Uri = $"postgres://u:p@h/d{query}" }).SslMode);

    [Fact]
    public void Only_the_setting_that_says_so_leaves_the_certificate_unverified()
    {
        string ca = _folder.Write("ca.pem", TemporaryFolder.Certificate);

        NpgsqlConnectionStringBuilder settings = Settings(new() { Uri = "postgres://h/d?sslmode=verify-full", TlsVerify = false, CaFile = ca });

        Assert.Equal(SslMode.Require, settings.SslMode);
        Assert.Null(settings.RootCertificate);
    }

    [Fact]
    public void The_CA_comes_from_its_own_key_else_from_the_URI()
    {
        string own = _folder.Write("ca.pem", TemporaryFolder.Certificate);
        string other = _folder.Write("other.pem", TemporaryFolder.Certificate);

        Assert.Equal(other, Settings(new() { Uri = $"postgres://h/d?sslrootcert={other}" }).RootCertificate);
        Assert.Equal(own, Settings(new() { Uri = $"postgres://h/d?sslrootcert={other}", CaFile = own }).RootCertificate);
        Assert.Null(Settings(new() { Uri = "postgres://h/d?sslrootcert=system" }).RootCertificate);
    }

    [Fact]
    public void A_Unix_socket_needs_no_TLS()
    {
        NpgsqlConnectionStringBuilder settings = Settings(new() { Uri = "postgres:///d?host=/run/postgresql&port=6000" });

        Assert.Equal(("/run/postgresql", 6000, SslMode.Disable), (settings.Host, settings.Port, settings.SslMode));
    }

    [Fact]
    public void Nothing_is_set_that_PgBouncer_in_transaction_mode_refuses()
    {
        NpgsqlConnectionStringBuilder settings = Settings(new() { Uri = "postgres://u:p@h:6432/pool?sslmode=require", MaxConnections = 3 });

        Assert.True(settings.NoResetOnClose);
        Assert.Equal((3, 0, false, null, null), (settings.MaxPoolSize, settings.MaxAutoPrepare, settings.Multiplexing, settings.SearchPath, settings.Options));
    }

    [Fact]
    public void The_parameters_of_the_URI_arrive()
    {
        NpgsqlConnectionStringBuilder settings = Settings(new()
        {
            Uri = "postgres://u@h/d?application_name=mine&connect_timeout=7&channel_binding=require&options=-c%20lock_timeout%3D5s&target_session_attrs=read-write",
        });

        Assert.Equal(("mine", 7, ChannelBinding.Require, "-c lock_timeout=5s"), (settings.ApplicationName, settings.Timeout, settings.ChannelBinding, settings.Options));
        Assert.Equal("hostwire", Settings(new() { Uri = "postgres://h/d" }).ApplicationName);
    }

    [Fact]
    public void A_password_of_its_own_wins_over_the_one_in_the_URI() =>
        Assert.Equal("own; = '\"", Settings(new() { Uri = "postgres://u:other@h/d", Password = "own; = '\"" }).Password);

    [Theory]
    [InlineData("postgres://u:p@h/d?target_session_attrs=read-write")]
    [InlineData("postgres://u:p@a:1,[::1]:2/d?target_session_attrs=read-write")]
    [InlineData("postgres://u:p@[::1]:5000/d")]
    [InlineData("postgres:///d?host=/run/postgresql")]
    public async Task Npgsql_takes_what_is_made(string uri)
    {
        await using NpgsqlDataSource source = PostgresDataSource.Create(new() { Uri = uri });

        Assert.DoesNotContain("Password", source.ConnectionString, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("", "postgres.uri is not set")]
    [InlineData("nonsense", "postgres.uri must begin with postgres://")]
    [InlineData("postgres://u:" + Canary + "@h/d?sslmode=verified", "sslmode that is none of")]
    [InlineData("postgres://u:" + Canary + "@h/d?channel_binding=yes", "channel_binding that is none of")]
    [InlineData("postgres://u:" + Canary + "@h/d?target_session_attrs=master", "target_session_attrs that is none of")]
    [InlineData("postgres://u:" + Canary + "@h/d?connect_timeout=soon", "connect_timeout that is no whole number")]
    [InlineData("postgres://u:" + Canary + "@h/d?connect_timeout=2000", "connect_timeout that is no whole number")]
    [InlineData("postgres://u:" + Canary + "@h/d?sslrootcert=/nowhere/ca.pem", "sslrootcert, which names /nowhere/ca.pem, which does not exist")]
    public void What_is_wrong_is_said_without_the_password(string uri, string expected)
    {
        var error = Assert.Throws<UserException>(() => PostgresDataSource.Create(new() { Uri = uri }));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, error.ExitCode);
    }

    [Fact]
    public void The_address_for_people_holds_no_password() =>
        Assert.Equal("u@h:5432/d", PostgresDataSource.Address(new() { Uri = $"postgres://u:{Canary}@h/d?password={Canary}", Password = Canary }));

    private static NpgsqlConnectionStringBuilder Settings(PostgresOptions options) => new(PostgresDataSource.ConnectionString(options));
}
