using System.Text;
using Hostwire.Commands;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Tests.Configuration;

namespace Hostwire.Tests.Commands;

/// <summary>Settings with a password in them that are wrong in every way: whatever is said about it, the password is not.</summary>
public sealed class CanaryTests : IDisposable
{
    private const string Canary = "c4n4ry";

    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly MemoryStream _log = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("kafka.password = c4n4ry")]
    [InlineData("kafka.password = \"c4n4ry")]
    [InlineData("kafka.password = 'c4n4ry' x")]
    [InlineData("kafka.password = [\"c4n4ry\"]")]
    [InlineData("kafka.password = {c4n4ry = 1}")]
    [InlineData("kafka.pasword = \"c4n4ry\"")]
    [InlineData("kafka.password = \"c4n4ry\"\nkafka.password = \"c4n4ry\"")]
    [InlineData("kafka.password = \"c4n4ry\"\nkafka.password_file = \"/dev/null\"")]
    [InlineData("kafka.username = \"u\"\nkafka.password = \"c4n4ry\"\nkafka.security = \"plaintext\"")]
    [InlineData("kafka.properties.\"sasl.password\" = \"c4n4ry\"\nkafka.properties.\"sasl.passwort\" = \"c4n4ry\"")]
    [InlineData("kafka.properties.\"sasl.username\" = true\nkafka.properties.\"ssl.key.password\" = [\"c4n4ry\"]")]
    [InlineData("kafka.properties.\"ssl.key.pem\" = \"c4n4ry\"")]
    [InlineData("postgres.uri = \"postgres://u:c4n4ry@h:99999/db\"")]
    [InlineData("postgres.uri = \"postgres://u:c4n4ry@[::1/db\"")]
    [InlineData("postgres.uri = \"postgres://u:c4n4ry@h/db?sslmode=nonsense\"")]
    [InlineData("postgres.uri = \"postgres://u:c4n4ry%zz@h/db\"")]
    [InlineData("postgres.uri = \"postgres://u:c4n4ry/rest@h/db\"")]
    [InlineData("postgres.uri = \"postgres://u:p@h/db?password=c4n4ry\"")]
    [InlineData("postgres.uri = \"postgres://u:p@h/db?c4n4ry\"")]
    [InlineData("postgres.uri = \"u:c4n4ry@h/db\"")]
    [InlineData("postgres.uri = \"host=h password=c4n4ry\"")]
    [InlineData("postgres.uri = 'postgres://u:c4n4ry@h/db'\npostgres.password_file = \"/nowhere\"")]
    [InlineData("postgres.password = 5c4n4ry")]
    [InlineData("metrics.otlp_headers = \"c4n4ry\"")]
    [InlineData("metrics.otlp_headers = 5\nkafka.password = \"c4n4ry\"")]
    public async Task File_that_is_wrong(string settings)
    {
        string file = Path.Combine(_folder.Path, "hostwire.toml");
        File.WriteAllText(file, settings + "\n");
        foreach (string verb in (string[])["config check", "config show", "agent --once", "topic describe"])
        {
            await RunAsync($"{verb} --config {file}");
        }

        Assert.Contains(file, _error.ToString(), StringComparison.Ordinal);
        AssertSilent();
    }

    [Theory]
    [InlineData("HOSTWIRE_KAFKA_PASWORD", "c4n4ry")]
    [InlineData("HOSTWIRE_KAFKA_PROPERTIES", "c4n4ry")]
    [InlineData("HOSTWIRE_KAFKA_PROPERTIES", "sasl.password=c4n4ry;sasl.passwort=c4n4ry")]
    [InlineData("HOSTWIRE_POSTGRES_URI", "postgres://u:c4n4ry@h:x/db")]
    [InlineData("HOSTWIRE_POSTGRES_MAX_CONNECTIONS", "x")]
    [InlineData("HOSTWIRE_METRICS_OTLP_HEADERS", "c4n4ry")]
    public async Task Variable_that_is_wrong(string name, string value)
    {
        foreach (string verb in (string[])["config check", "config show", "agent --once"])
        {
            await RunAsync(verb, (name, value), ("HOSTWIRE_KAFKA_PASSWORD", Canary), ("HOSTWIRE_POSTGRES_PASSWORD", Canary));
        }

        Assert.Contains("HOSTWIRE_", _error.ToString(), StringComparison.Ordinal);
        AssertSilent();
    }

    [Theory]
    [InlineData("agent --kafka-password c4n4ry")]
    [InlineData("agent --kafka-password=c4n4ry")]
    [InlineData("agent --kafka-pasword=c4n4ry")]
    [InlineData("agent --kafka-property sasl.password=c4n4ry")]
    [InlineData("agent --kafka-property ssl.key.password=c4n4ry")]
    [InlineData("sink --postgres-uri postgres://u:c4n4ry@h/db")]
    [InlineData("sink --postgres-uri postgres://u:c4n4ry@h:x/db")]
    [InlineData("sink postgres://u:c4n4ry@h/db")]
    [InlineData("db migrate --postgres-password c4n4ry")]
    [InlineData("agent --metrics-otlp-headers a=c4n4ry")]
    public async Task Command_line_that_should_not_hold_it(string arguments)
    {
        Assert.Equal(ExitCode.Usage, await RunAsync(arguments));
        AssertSilent();
    }

    [Fact]
    public async Task Settings_that_are_right_are_shown_without_it()
    {
        string file = Path.Combine(_folder.Path, "hostwire.toml");
        string secret = Path.Combine(_folder.Path, "password");
        File.WriteAllText(secret, Canary);
        File.WriteAllText(file, $"""
            [kafka]
            bootstrap_servers = "localhost:1"
            username = "u"
            password_file = "{secret}"
            [kafka.properties]
            "ssl.key.password" = "{Canary}"
            [postgres]
            uri = "postgres://u:{Canary}@localhost:1/db?sslmode=disable"
            [metrics]
            otlp_headers = "authorization={Canary}"
            """);
        foreach (string verb in (string[])["config check", "config show", "topic describe", "sink offsets show", "sink dead-letters", "db migrate"])
        {
            await RunAsync($"{verb} --config {file} --log-level debug");
        }

        Assert.Contains("kafka.properties.ssl.key.password", _output.ToString(), StringComparison.Ordinal);
        AssertSilent();
    }

    private void AssertSilent()
    {
        foreach (string said in (string[])[_output.ToString(), _error.ToString(), Encoding.UTF8.GetString(_log.ToArray())])
        {
            Assert.DoesNotContain(Canary, said, StringComparison.Ordinal);
        }
    }

    private Task<ExitCode> RunAsync(string arguments, params (string Name, string Value)[] environment) => CommandLine.RunAsync(
        arguments.Split(' '),
        Program.Verbs(),
        new HostwireInvocation
        {
            Environment = environment.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal),
            DefaultConfigFile = Path.Combine(_folder.Path, "none.toml"),
            Output = _output,
            Error = _error,
            LogStream = _log,
        },
        TestContext.Current.CancellationToken);
}
