using System.CommandLine;
using System.Text;
using System.Text.Json;
using Hostwire.Commands;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Tests.Configuration;
using Microsoft.Extensions.Logging;

namespace Hostwire.Tests.Commands;

public sealed partial class CommandLineTests : IDisposable
{
    private const string Canary = "AVNS_c4n4ry";
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly MemoryStream _log = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("agnet", "agnet is not a verb of hostwire. Did you mean agent? See hostwire --help.")]
    [InlineData("quickly", "quickly is not a verb of hostwire. See hostwire --help.")]
    [InlineData("", "say what to do: hostwire agent|group. See hostwire --help.")]
    [InlineData("group", "say what to do: hostwire group one|two. See hostwire group --help.")]
    [InlineData("group tow", "tow is not a verb of hostwire group. Did you mean two? See hostwire group --help.")]
    [InlineData("agent --kafka-topc x", "--kafka-topc is not an option of hostwire agent. Did you mean --kafka-topic? See hostwire agent --help.")]
    [InlineData("agent --kafka-passwd=" + Canary, "--kafka-passwd is not an option of hostwire agent. See hostwire agent --help.")]
    [InlineData("agent --sink-group x", "--sink-group is not an option of hostwire agent. See hostwire agent --help.")]
    [InlineData("agent extra", "hostwire agent takes no argument extra. See hostwire agent --help.")]
    [InlineData("agent postgres://u:" + Canary + "@h", "hostwire agent takes no such argument. See hostwire agent --help.")]
    [InlineData("agent @" + Canary, "hostwire agent takes no such argument. See hostwire agent --help.")]
    [InlineData("agent --config", "Required argument missing for option: '--config'. See hostwire agent --help.")]
    [InlineData("agent --shape cube", "Argument 'cube' not recognized. Must be one of: 'round' 'square'. See hostwire agent --help.")]
    public async Task Wrong_usage_gets_one_sentence(string arguments, string expected)
    {
        Assert.Equal(ExitCode.Usage, await RunAsync(arguments));
        Assert.Equal($"hostwire: {expected}\n", _error.ToString());
        Assert.Empty(_output.ToString());
    }

    [Fact]
    public void Help_lists_every_option_that_is_not_hidden()
    {
        foreach (Command verb in Program.Verbs().SelectMany(verb => verb.Subcommands.Append(verb)))
        {
            var page = new StringWriter();
            HelpPage.Write(verb, verb.Name, page, width: 100);
            Assert.All(verb.Options.Where(option => !option.Hidden), option => Assert.Contains(option.Name, page.ToString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_verb_gets_its_settings_and_its_exit_code_is_returned()
    {
        string topic = "";

        ExitCode code = await RunAsync("agent --kafka-bootstrap-servers h:1 --kafka-topic t --kafka-tls-verify --agent-phase-seconds -1", (verb, _) =>
        {
            topic = verb.Options.Kafka.Topic;
            return Task.FromResult(ExitCode.Failure);
        });

        Assert.Equal((ExitCode.Failure, "t", ""), (code, topic, _error.ToString()));
    }

    [Fact]
    public async Task A_verb_that_requires_Kafka_does_not_run_without()
    {
        Assert.Equal(ExitCode.Usage, await RunAsync("agent", (_, _) => throw new InvalidOperationException("It ran.")));
        Assert.StartsWith("hostwire: kafka.bootstrap_servers is not set: ", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_person_must_mend_is_one_line_for_each_thing_without_a_stack_trace()
    {
        Assert.Equal(ExitCode.Failure, await RunAsync(Ready, (_, _) => throw new UserException("Mend this.\nAnd that.")));
        Assert.Equal("hostwire: Mend this.\nhostwire: And that.\n", _error.ToString());
    }

    [Fact]
    public async Task What_nobody_expected_is_one_line_and_its_stack_trace_a_line_of_the_log_at_debug()
    {
        Assert.Equal(ExitCode.Failure, await RunAsync(Ready, (_, _) => throw new InvalidDataException("Odd.")));
        Assert.Equal("hostwire: unexpected error: InvalidDataException: Odd. Run it with --log-level debug to see where, and report it.\n", _error.ToString());
        Assert.Empty(Log());

        await RunAsync(Ready + " --log-level debug", (_, _) => throw new InvalidDataException("Odd."));

        Assert.Contains("level=debug component=configuration msg=\"Unexpected error.\" error=\"InvalidDataException: Odd.\" stack=\"System.IO.InvalidDataException: Odd.\\n", Log(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_reaches_the_verb_and_what_it_breaks_off_is_said()
    {
        using var stopping = new CancellationTokenSource();

        ExitCode code = await RunUntilAsync(
            Ready,
            async (_, token) =>
            {
                await stopping.CancelAsync();
                token.ThrowIfCancellationRequested();
                return ExitCode.Success;
            },
            stopping.Token);

        Assert.Equal((ExitCode.Failure, "hostwire: stopped before it was done.\n"), (code, _error.ToString()));
    }

    [Fact]
    public async Task Logs_go_where_and_how_the_settings_say()
    {
        await RunAsync(Ready + " --log-format json --log-level warning", (verb, _) =>
        {
            ILogger log = verb.Loggers.CreateLogger("Hostwire.Agent.AgentService");
            Hello(log, LogLevel.Information);
            Hello(log, LogLevel.Warning);
            return Task.FromResult(ExitCode.Success);
        });

        Assert.Equal("warning", JsonDocument.Parse(Log()).RootElement.GetProperty("level").GetString());
    }

    [Fact]
    public async Task A_settings_file_with_a_password_for_everybody_brings_its_warning_into_the_log()
    {
        string file = _folder.Write("h.toml", $"[postgres]\npassword = \"{Canary}\"");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        await RunAsync($"{Ready} --config {file}");

        Assert.Contains("level=warning component=configuration", Log(), StringComparison.Ordinal);
        Assert.Contains($"chmod o-rwx {file}", Log(), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, Log(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_printed_with_its_commit()
    {
        Assert.Equal(ExitCode.Success, await RunAsync("--version"));
        Assert.Matches(@"^hostwire [0-9]+\.[0-9]+\.[0-9]+[^ ]*( \(commit [0-9a-f]{12}\))?\n$", _output.ToString());
    }

    [Fact]
    public async Task Help_lists_the_verbs_each_with_a_sentence()
    {
        Assert.Equal(ExitCode.Success, await RunAsync("--help"));
        Assert.Contains("\n  agent      Does something.\n  group one  The first.\n  group two  The second.\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_of_a_verb_groups_the_flags_and_fits_the_line_and_hides_passwords()
    {
        Assert.Equal(ExitCode.Success, await RunAsync("agent --help"));

        string help = _output.ToString();
        Assert.StartsWith("Usage: hostwire agent [options]\n\nDoes something. At length.\n\nOptions:\n  --shape SHAPE", help, StringComparison.Ordinal);
        Assert.Contains("\nKafka: [kafka], HOSTWIRE_KAFKA_...\n  --kafka-bootstrap-servers HOST:PORT\n", help, StringComparison.Ordinal);
        Assert.Contains("[otlp_metrics]", help, StringComparison.Ordinal);
        Assert.DoesNotContain("--kafka-password ", help, StringComparison.Ordinal);
        Assert.DoesNotContain("--postgres", help, StringComparison.Ordinal);
        Assert.All(help.Split('\n'), line => Assert.True(line.Length <= 80 && !line.EndsWith(' '), line));
    }

    [Theory]
    [InlineData("--help agent")]
    [InlineData("agent -h --no-such-option")]
    public async Task Help_is_given_however_wrong_the_rest_is(string arguments) => Assert.Equal(ExitCode.Success, await RunAsync(arguments));

    [Fact]
    public async Task Every_verb_of_the_program_has_help_that_fits_the_line()
    {
        foreach (string[] path in Paths(Program.Verbs(), []))
        {
            var output = new StringWriter();

            ExitCode code = await CommandLine.RunAsync([.. path, "--help"], Program.Verbs(), Invocation(output), TestContext.Current.CancellationToken);

            Assert.Equal(ExitCode.Success, code);
            Assert.StartsWith($"Usage: hostwire {string.Join(' ', path)}", output.ToString(), StringComparison.Ordinal);
            Assert.All(output.ToString().Split('\n'), line => Assert.True(line.Length <= 80, $"{string.Join(' ', path)}: {line}"));
        }
    }

    private const string Ready = "agent --kafka-bootstrap-servers h:1";

    private static IEnumerable<string[]> Paths(IEnumerable<Command> verbs, string[] before) =>
        verbs.SelectMany(verb => Paths(verb.Subcommands, [.. before, verb.Name]).Prepend([.. before, verb.Name]));

    private Task<ExitCode> RunAsync(string arguments, Func<VerbContext, CancellationToken, Task<ExitCode>>? run = null) =>
        RunUntilAsync(arguments, run ?? ((_, _) => Task.FromResult(ExitCode.Success)), TestContext.Current.CancellationToken);

    private Task<ExitCode> RunUntilAsync(string arguments, Func<VerbContext, CancellationToken, Task<ExitCode>> run, CancellationToken stopping)
    {
        var shape = new Option<string>("--shape") { Description = "The shape." };
        shape.AcceptOnlyFromAmong("round", "square");
        var agent = new Command("agent", "Does something. At length.") { shape };
        VerbFrame.Attach(agent, SettingSections.Agent | SettingSections.Kafka, SettingSections.Kafka, run);
        var group = new Command("group", "Several.") { new Command("one", "The first."), new Command("two", "The second.") };
        return CommandLine.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), [agent, group], Invocation(_output), stopping);
    }

    private HostwireInvocation Invocation(TextWriter output) => new()
    {
        Output = output,
        Error = _error,
        LogStream = _log,
        Environment = new Dictionary<string, string>(StringComparer.Ordinal),
        DefaultConfigFile = "/nowhere/hostwire.toml",
        Width = 80,
    };

    private string Log() => Encoding.UTF8.GetString(_log.ToArray());

    [LoggerMessage(Message = "Hello.")]
    private static partial void Hello(ILogger logger, LogLevel level);
}
