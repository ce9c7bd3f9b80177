using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Commands;

/// <summary>What people meet first, on the published binary: help, and the sentences for what they typed wrong.</summary>
public sealed class UsageTests(PublishedBinary hostwire) : IDisposable
{
    private readonly TestDirectory _files = new("usage");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The words of every verb: <c>db migrate</c>.</summary>
    public static TheoryData<string> Verbs() => [.. Program.Verbs().SelectMany(verb => verb.Subcommands.Count == 0
        ? [verb.Name]
        : verb.Subcommands.Select(inner => $"{verb.Name} {inner.Name}"))];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_explains_itself_on_stdout(string verb)
    {
        RunResult result = await RunAsync([.. verb.Split(' '), "--help"]);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith($"Usage: hostwire {verb}", result.StandardOutput, StringComparison.Ordinal);
        Assert.Empty(result.StandardError);
    }

    [Fact]
    public async Task An_unknown_key_is_refused_with_the_nearest_one_its_file_and_its_line()
    {
        string config = await _files.WriteAsync("hostwire.toml", "[kafka]\nbootstrap_server = \"kafka:9092\"\n");
        RunResult result = await RunAsync(["config", "check", "--config", config]);
        AssertRefused(result, $"hostwire: {config}:2: kafka.bootstrap_server is not a setting. Did you mean kafka.bootstrap_servers?");
    }

    [Fact]
    public async Task A_settings_file_that_is_missing_is_named()
    {
        RunResult result = await RunAsync(["config", "check", "--config", _files["none.toml"]]);
        AssertRefused(result, $"hostwire: The settings file {_files["none.toml"]} does not exist");
    }

    [Fact]
    public async Task A_settings_file_that_may_not_be_read_is_named()
    {
        string config = await _files.WriteAsync("secret.toml", "");
        File.SetUnixFileMode(config, UnixFileMode.None);
        // Root reads every file; somebody else has to try, with a copy of the program that anybody can reach.
        using var everybody = new TestDirectory("program");
        string program = everybody["hostwire"];
        File.Copy(await hostwire.PathAsync(), program);
        await using ChildProcess child = await ChildProcess.StartAsync(
            program, ["config", "check", "--config", config], user: Environment.IsPrivilegedProcess ? "nobody" : null);
        int exitCode = await child.WaitForExitAsync(Cancellation);
        AssertRefused(new RunResult(exitCode, child.StandardOutput, child.StandardError), $"hostwire: The settings file {config} ");
    }

    [Fact]
    public async Task A_password_on_the_command_line_is_refused_and_not_repeated()
    {
        RunResult result = await RunAsync(["config", "show", "--kafka-password", "hunter2"]);
        AssertRefused(result, "HOSTWIRE_KAFKA_PASSWORD");
        Assert.DoesNotContain("hunter2", result.StandardError, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private Task<RunResult> RunAsync(IEnumerable<string> arguments) => hostwire.RunAsync(arguments, cancellationToken: Cancellation);

    private static void AssertRefused(RunResult result, string sentence)
    {
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(sentence, result.StandardError, StringComparison.Ordinal);
        Assert.Single(result.StandardError.TrimEnd().Split('\n'));
        Assert.Empty(result.StandardOutput);
    }
}
