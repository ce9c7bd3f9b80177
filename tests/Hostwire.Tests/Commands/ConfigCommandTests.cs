using System.Text.Json;
using Hostwire.Commands;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Tests.Configuration;

namespace Hostwire.Tests.Commands;

public sealed class ConfigCommandTests : IDisposable
{
    private const string Canary = "AVNS_c4n4ry";
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Show_prints_value_and_source_of_every_setting_and_masks_secrets()
    {
        string file = Secrets();

        Assert.Equal(ExitCode.Success, await RunAsync("config", "show", "--config", file, "--sink-group", "mine"));

        string[] lines = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Settings.All.Length + 2, lines.Length);
        Assert.Equal(["kafka.password", "********", $"{file}:3"], Words(lines, "kafka.password"));
        Assert.Equal(["postgres.uri", "postgres://u:********@h:5432/d", $"{file}:7"], Words(lines, "postgres.uri"));
        Assert.Equal(["kafka.properties.ssl.key.password", "********", $"{file}:5"], Words(lines, "kafka.properties.ssl.key.password"));
        Assert.Equal(["kafka.properties.linger.ms", "5", "environment", "HOSTWIRE_KAFKA_PROPERTIES"], Words(lines, "kafka.properties.linger.ms"));
        Assert.Equal(["sink.group", "mine", "flag", "--sink-group"], Words(lines, "sink.group"));
        Assert.Equal(["log.level", "info", "default"], Words(lines, "log.level"));
        Assert.DoesNotContain(Canary, _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_as_JSON_has_the_same()
    {
        Assert.Equal(ExitCode.Success, await RunAsync("config", "show", "--config", Secrets(), "--format", "json"));

        JsonElement settings = JsonDocument.Parse(_output.ToString()).RootElement;
        Assert.Equal(Settings.All.Length + 2, settings.EnumerateObject().Count());
        Assert.Equal("postgres://u:********@h:5432/d", settings.GetProperty("postgres.uri").GetProperty("value").GetString());
        Assert.Equal("default", settings.GetProperty("log.level").GetProperty("source").GetString());
        Assert.DoesNotContain(Canary, _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_says_ok_where_nothing_is_wrong()
    {
        string file = _folder.Write("h.toml", "[kafka]\nbootstrap_servers = \"h:1\"\n[sink]\ngroup = \"g\"");

        Assert.Equal(ExitCode.Success, await RunAsync("config", "check", "--config", file));
        Assert.Equal($"ok: 2 settings, file {file}\n", _output.ToString());
    }

    [Fact]
    public async Task Check_reports_everything_at_once_and_no_secret()
    {
        string file = _folder.Write(
            "h.toml",
            $"[kafka]\nbootstrap_servers = \"h\"\nusername = \"u\"\npassword = \"{Canary}\"\nsecurity = \"ssl\"\n[postgres]\nuri = \"postgres://u:{Canary}@h/d?sslmode=on\"\nca_file = \"none.pem\"");

        Assert.Equal(ExitCode.Usage, await RunAsync("config", "check", "--config", file, "--kafka-property", "linger.mss=5"));
        Assert.Equal(
            [
                $"hostwire: {file}:2: kafka.bootstrap_servers must be HOST:PORT, several separated by commas; \"h\" has no port.",
                $"hostwire: {file}:5: kafka.security is ssl, which has no user names: set it to sasl_ssl, or take kafka.username away.",
                "hostwire: flag --kafka-property: kafka.properties.linger.mss is not a property of librdkafka. Did you mean linger.ms?",
                $"hostwire: {file}:7: postgres.uri has an sslmode that is none of disable, allow, prefer, require, verify-ca, verify-full.",
                $"hostwire: {file}:8: postgres.ca_file names {_folder.Path}/none.pem, which does not exist: correct the path, or put the file there.",
            ],
            _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Check_of_nothing_is_ok_since_no_verb_was_named() => Assert.Equal(ExitCode.Success, await RunAsync("config", "check"));

    [Fact]
    public async Task Example_works_also_where_the_settings_are_wrong()
    {
        ExitCode code = await CommandLine.RunAsync(
            ["config", "example"], Program.Verbs(), new() { Output = _output, Error = _error, Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["HOSTWIRE_NONSENSE"] = "1" } }, TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Success, ExampleFile.Text()), (code, _output.ToString()));
    }

    private string Secrets() => _folder.Write(
        "h.toml",
        $"[kafka]\nbootstrap_servers = \"h:1\"\npassword = \"{Canary}\"\n[kafka.properties]\n\"ssl.key.password\" = \"{Canary}\"\n[postgres]\nuri = \"postgres://u:{Canary}@h/d\"");

    private static string[] Words(string[] lines, string key) =>
        Array.Find(lines, line => line.StartsWith(key + " ", StringComparison.Ordinal))!.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private Task<ExitCode> RunAsync(params string[] arguments) => CommandLine.RunAsync(
        arguments,
        Program.Verbs(),
        new()
        {
            Output = _output,
            Error = _error,
            LogStream = new MemoryStream(),
            Environment = arguments.Contains("show", StringComparer.Ordinal)
                ? new Dictionary<string, string>(StringComparer.Ordinal) { ["HOSTWIRE_KAFKA_PROPERTIES"] = "linger.ms=5" }
                : new Dictionary<string, string>(StringComparer.Ordinal),
            DefaultConfigFile = "/nowhere/hostwire.toml",
        },
        TestContext.Current.CancellationToken);
}
