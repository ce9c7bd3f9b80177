using System.Net.Sockets;
using System.Security.Authentication;
using Hostwire.Configuration;
using Hostwire.Store;
using Npgsql;

namespace Hostwire.Tests.Store;

public sealed class PostgresTroubleTests
{
    private static readonly PostgresOptions Options = new() { Uri = "postgres://metrics:secret@db.example:5433/hosts", CaFile = "/etc/ca.pem" };

    [Theory]
    [InlineData("28P01", true, "check user and password in postgres.uri")]
    [InlineData("28000", true, "check user and password in postgres.uri")]
    [InlineData("3D000", true, "create it, or check postgres.uri")]
    [InlineData("42501", true, "grant it")]
    [InlineData("42P01", true, "hostwire db migrate")]
    [InlineData("3F000", true, "hostwire db migrate")]
    [InlineData("25006", true, "read-only")]
    [InlineData("53100", true, "free some")]
    [InlineData("53300", false, "max_connections")]
    [InlineData("57P01", false, "check that it runs")]
    [InlineData("57P03", false, "check that it runs")]
    [InlineData("40P01", false, "SQLSTATE 40P01")]
    [InlineData("57014", false, "SQLSTATE 57014")]
    public void What_the_server_says_becomes_what_where_and_the_fix(string state, bool needsPerson, string fix) => AssertSays(Refusal(state), needsPerson, fix);

    [Fact]
    public void A_way_that_is_broken_becomes_what_where_and_the_fix()
    {
        AssertSays(new NpgsqlException("x", new AuthenticationException("certificate")), needsPerson: true, "postgres.ca_file (is /etc/ca.pem)");
        AssertSays(new NpgsqlException("x", new SocketException((int)SocketError.HostNotFound)), needsPerson: true, "DNS");
        AssertSays(new NpgsqlException("SSL connection requested. No SSL enabled connection from this host is configured."), needsPerson: true, "sslmode=disable");
        AssertSays(new NpgsqlException("x", new IOException("Broken pipe.")), needsPerson: false, "(Broken pipe)");
        AssertSays(new TimeoutException("late"), needsPerson: false, "check that it runs");
    }

    [Theory]
    [InlineData("22003", true)]
    [InlineData("22P05", true)]
    [InlineData("54000", true)]
    [InlineData("23514", false)]
    [InlineData("23505", false)]
    [InlineData("42804", false)]
    [InlineData("57P01", false)]
    [InlineData("53100", false)]
    [InlineData("40001", false)]
    public void Only_a_short_list_of_errors_may_be_the_datas_fault(string state, bool isDataError)
    {
        Assert.Equal(isDataError, PostgresTrouble.IsDataError(Refusal(state)));
        Assert.True(PostgresTrouble.IsRetryable(Refusal(state)));
    }

    [Fact]
    public void An_error_of_our_own_program_is_not_tried_again()
    {
        Assert.False(PostgresTrouble.IsRetryable(new InvalidCastException()));
        Assert.False(PostgresTrouble.IsRetryable(new InvalidOperationException()));
        Assert.False(PostgresTrouble.IsDataError(new NpgsqlException("22003")));
    }

    private static void AssertSays(Exception error, bool needsPerson, string fix)
    {
        PostgresTrouble trouble = PostgresTrouble.From(error, Options);
        Assert.Equal(needsPerson, trouble.NeedsPerson);
        Assert.Contains(fix, trouble.Sentence, StringComparison.Ordinal);
        Assert.Contains("metrics@db.example:5433/hosts", trouble.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", trouble.Sentence, StringComparison.Ordinal);
        Assert.EndsWith(".", trouble.Sentence, StringComparison.Ordinal);
    }

    private static PostgresException Refusal(string state) => new("the server's words", "ERROR", "ERROR", state);
}
