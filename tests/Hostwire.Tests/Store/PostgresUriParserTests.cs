using CsCheck;
using Hostwire.Store;

namespace Hostwire.Tests.Store;

public sealed class PostgresUriParserTests
{
    // Nothing of this may ever show in a message.
    private const string Canary = "AVNS_c4n4ry";

    [Fact]
    public void Reads_the_form_that_Aiven_prints()
    {
        PostgresUri uri = Parse($"postgres://avnadmin:{Canary}@pg-1b2c.aivencloud.com:23641/defaultdb?sslmode=require");

        Assert.Equal([("pg-1b2c.aivencloud.com", 23641)], uri.Hosts);
        Assert.Equal(("avnadmin", Canary, "defaultdb"), (uri.Username, uri.Password, uri.Database));
        Assert.Equal("require", uri.Parameter("sslmode"));
        Assert.Equal("avnadmin@pg-1b2c.aivencloud.com:23641/defaultdb", uri.ToString());
    }

    [Theory]
    [InlineData("postgres://h", "h", 5432, "", "", "")]
    [InlineData("postgresql://h/", "h", 5432, "", "", "")]
    [InlineData("postgres://h:1/d", "h", 1, "", "", "d")]
    [InlineData("postgres://u@h:65535/d", "h", 65535, "u", "", "d")]
    [InlineData("postgres://u:p@h/d", "h", 5432, "u", "p", "d")]
    [InlineData("postgres://u:p@h?sslmode=disable", "h", 5432, "u", "p", "")]
    [InlineData("postgres://u:a:b#c@h/d", "h", 5432, "u", "a:b#c", "d")]
    [InlineData("postgres://us%40er:p%40%2F%3A%3F%25%20+@h/d%2Fb", "h", 5432, "us@er", "p@/:?% +", "d/b")]
    [InlineData("postgres://u:%C3%A4%E2%82%AC@h/d", "h", 5432, "u", "ä€", "d")]
    [InlineData("postgres://u:p@[2001:db8::1]:6000/d", "2001:db8::1", 6000, "u", "p", "d")]
    [InlineData("postgres://[::1]/d", "::1", 5432, "", "", "d")]
    [InlineData("postgres:///d?host=/run/postgresql", "/run/postgresql", 5432, "", "", "d")]
    [InlineData("postgres:///d?host=%2Frun%2Fpg&port=6000", "/run/pg", 6000, "", "", "d")]
    [InlineData("postgres://%2Frun%2Fpg:6000/d", "/run/pg", 6000, "", "", "d")]
    [InlineData("postgres://h/?user=u&password=p%26&dbname=d", "h", 5432, "u", "p&", "d")]
    public void Takes_a_URI_apart(string text, string host, int port, string user, string password, string database)
    {
        PostgresUri uri = Parse(text);

        Assert.Equal([(host, port)], uri.Hosts);
        Assert.Equal((user, password, database), (uri.Username, uri.Password, uri.Database));
    }

    [Theory]
    [InlineData("postgres://u@a:1,b:2/d", "a", 1, "b", 2, "u@a:1,b:2/d")]
    [InlineData("postgres://a,[::2]:2/d", "a", 5432, "::2", 2, "a:5432,[::2]:2/d")]
    [InlineData("postgres:///?host=a,b&port=1,2", "a", 1, "b", 2, "a:1,b:2")]
    public void Takes_several_hosts(string text, string host1, int port1, string host2, int port2, string shown)
    {
        PostgresUri uri = Parse(text);

        Assert.Equal([(host1, port1), (host2, port2)], uri.Hosts);
        Assert.Equal(shown, uri.ToString());
    }

    [Theory]
    [InlineData("", "must begin with postgres://")]
    [InlineData("host=h password=" + Canary, "must begin with postgres://")]
    [InlineData("http://u:" + Canary + "@h", "must begin with postgres://")]
    [InlineData("postgres://u:" + Canary + "@/d", "names no host")]
    [InlineData("postgres://", "names no host")]
    [InlineData("postgres://u:x@" + Canary + "@h/d", "@ as %40")]
    [InlineData("postgres://u:x/" + Canary + "@h/d", "/ as %2F")]
    [InlineData("postgres://u:1?" + Canary + "@h/d", "%3F")]
    [InlineData("postgres://u:" + Canary + "%@h/d", "%25")]
    [InlineData("postgres://u:" + Canary + "%zz@h/d", "%25")]
    [InlineData("postgres://u:" + Canary + "%00@h/d", "%25")]
    [InlineData("postgres://u:p@h:" + Canary + "/d", "port")]
    [InlineData("postgres://u:p@h:0/d", "port")]
    [InlineData("postgres://u:p@h:65536/d", "port")]
    [InlineData("postgres://h/d?ssl_mode=" + Canary, "Did you mean sslmode?")]
    [InlineData("postgres://h/d?sslmode=require&sslmode=" + Canary, "sslmode twice")]
    [InlineData("postgres:///d?host=/run,other", "mixes")]
    public void Refuses_what_is_no_URI_without_repeating_it(string text, string expected)
    {
        Assert.Null(PostgresUriParser.Parse(text, out string problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_user_password_and_database_survive_percent_encoding() =>
        Gen.Select(Text, Text, Text).Sample((user, password, database) =>
        {
            PostgresUri uri = Parse($"postgres://{Uri.EscapeDataString(user)}:{Uri.EscapeDataString(password)}@h:1/{Uri.EscapeDataString(database)}");
            return (uri.Username, uri.Password, uri.Database) == (user, password, database);
        });

    [Fact]
    public void Any_text_is_read_or_refused_without_an_exception() =>
        Gen.String[Gen.Char["@:/?&=%[],2Fhp\0é"], 0, 40].Sample(text =>
            PostgresUriParser.Parse("postgres://" + text, out string problem) is not null || problem.Length > 0);

    private static Gen<string> Text { get; } = Gen.String[Gen.OneOf(Gen.Char['!', '~'], Gen.Const('ß')), 0, 12];

    private static PostgresUri Parse(string text)
    {
        PostgresUri? uri = PostgresUriParser.Parse(text, out string problem);
        Assert.True(uri is not null, problem);
        return uri;
    }

    [Theory]
    [InlineData("postgres://admin:s%40cret@db.example:6432/metrics?sslmode=verify-full&application_name=a%20b", "postgres://a_sink@db.example:6432/metrics?sslmode=verify-full&application_name=a%20b")]
    [InlineData("postgresql://admin@[::1]/", "postgres://a_sink@[::1]:5432/admin")]
    [InlineData("postgres://one,two:5433/d?user=admin&password=secret", "postgres://a_sink@one:5432,two:5433/d")]
    [InlineData("postgres:///d?host=/run/postgresql", "postgres://a_sink@%2Frun%2Fpostgresql:5432/d")]
    public void The_same_place_for_another_user_holds_no_password(string uri, string expected)
    {
        string other = PostgresUriParser.Parse(uri, out _)!.ForUser("a_sink");
        Assert.Equal(expected, other);
        Assert.Equal(PostgresUriParser.Parse(uri, out _)!.Hosts, PostgresUriParser.Parse(other, out _)!.Hosts);
    }
}
