using System.Globalization;
using System.Text;
using Hostwire.Configuration;
using Hostwire.Exec;
using Hostwire.Tests.Configuration;

namespace Hostwire.Tests.Exec;

/// <summary>Real processes of the shell. The clock is one that the test moves, so that no machine is too slow for them.</summary>
public sealed class ExecCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Output_is_what_the_command_printed_every_time_anew()
    {
        ExecCommand command = Command("echo 'a 1'; echo noise >&2; echo 'b 2'");

        Assert.Equal("a 1\nb 2\n", await OutputAsync(command));
        Assert.Equal("a 1\nb 2\n", await OutputAsync(command));
    }

    [Fact]
    public async Task A_list_is_run_without_a_shell()
    {
        ExecCommand command = new(Options() with { Command = ["printf", "%s|", "$HOME", "a b", "*", "'\"; exit 3"] }, _clock);

        Assert.Equal("$HOME|a b|*|'\"; exit 3|", await OutputAsync(command));
    }

    [Fact]
    public async Task It_reads_nothing_works_in_the_root_and_leads_a_group_of_its_own()
    {
        string output = await OutputAsync(Command("readlink /proc/self/fd/0; pwd; read -r _ pid _ < /proc/self/status; ps -o pid=,pgid=,sid= -p $$ | tr -s ' '"));

        string[] lines = output.Split('\n');
        Assert.Equal(["/dev/null", "/"], lines[..2]);
        string[] ids = lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(ids.Length == 3 && ids.Distinct(StringComparer.Ordinal).Count() == 1, output);
    }

    [Fact]
    public async Task None_of_our_settings_is_in_its_environment_and_all_else_is()
    {
        Environment.SetEnvironmentVariable("HOSTWIRE_KAFKA_PASSWORD_OF_A_TEST", "secret");
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET_OF_A_TEST", "/run/x");
        Environment.SetEnvironmentVariable("HOSTWIRES_OF_A_TEST", "seen");
        try
        {
            string output = await OutputAsync(Command("env"));
            Assert.DoesNotContain("HOSTWIRE_", output, StringComparison.Ordinal);
            Assert.DoesNotContain("NOTIFY_SOCKET", output, StringComparison.Ordinal);
            Assert.Contains("HOSTWIRES_OF_A_TEST=seen\n", output, StringComparison.Ordinal);
            Assert.Contains("PATH=", output, StringComparison.Ordinal);
        }
        finally
        {
            foreach (string name in new[] { "HOSTWIRE_KAFKA_PASSWORD_OF_A_TEST", "NOTIFY_SOCKET_OF_A_TEST", "HOSTWIRES_OF_A_TEST" })
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }

    [Theory]
    [InlineData("echo 'a 1'; echo; echo 'disk is gone' >&2; echo more >&2; exit 3", "exited with 3")]
    [InlineData("printf '\\n  \\n  disk is gone\\nmore' >&2; exit 3", "exited with 3: disk is gone")]
    [InlineData("exit 1", "exited with 1")]
    [InlineData("kill -9 $$", "exited with 137")]
    [InlineData("exec /nowhere/program", "exited with 127: ")]
    public async Task An_exit_code_makes_the_run_count_for_nothing_and_the_first_line_of_stderr_says_why(string shell, string words)
    {
        ExecResult result = await Command(shell).RunAsync(Cancelled);

        Assert.StartsWith(words, result.Failure, StringComparison.Ordinal);
        Assert.True(result is { IsTimeout: false, Output.IsEmpty: true });
    }

    [Fact]
    public async Task A_long_line_of_stderr_is_cut()
    {
        ExecResult result = await Command("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1").RunAsync(Cancelled);

        Assert.Equal($"exited with 1: {new string('x', 200)}...", result.Failure);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_a_failure()
    {
        ExecResult result = await new ExecCommand(Options() with { Command = ["/nowhere/program"] }, _clock).RunAsync(Cancelled);

        Assert.Contains("/nowhere/program", result.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_to_the_limit_output_is_taken_and_beyond_it_the_command_is_killed()
    {
        ExecCommand exact = new(Options() with { MaxOutputBytes = 100_000, Command = ["head", "-c", "100000", "/dev/zero"] }, _clock);
        Assert.Equal(100_000, (await exact.RunAsync(Cancelled)).Output.Length);

        // It would never end by itself.
        ExecCommand endless = new(Options() with { MaxOutputBytes = 100_000, Command = ["yes"] }, _clock);
        Assert.Equal("printed more than 100000 bytes (max_output_bytes)", (await endless.RunAsync(Cancelled)).Failure);
    }

    [Fact]
    public async Task When_its_time_is_up_it_is_killed_with_all_that_it_has_started()
    {
        string pids = Path.Combine(_folder.Path, "pids");
        Task<ExecResult> running = Command($"trap '' TERM INT; (trap '' TERM; sleep 1000) & echo $! > {pids}.new; echo $$ >> {pids}.new; mv {pids}.new {pids}; wait").RunAsync(Cancelled);
        await ExistsAsync(pids);
        _clock.Advance(TimeSpan.FromSeconds(11));
        ExecResult result = await running;

        Assert.Equal((true, "was not done within 10 s (timeout_seconds) and was killed"), (result.IsTimeout, result.Failure));
        await EndAsync(await File.ReadAllLinesAsync(pids, Cancelled));
    }

    [Fact]
    public async Task What_it_leaves_running_is_killed_and_its_output_counts()
    {
        string pid = Path.Combine(_folder.Path, "pid");

        Assert.Equal("a 1\n", await OutputAsync(Command($"sleep 1000 & echo $! > {pid}; echo 'a 1'")));
        await EndAsync(await File.ReadAllTextAsync(pid, Cancelled));
    }

    [Fact]
    public async Task When_we_are_to_stop_it_is_killed()
    {
        string pid = Path.Combine(_folder.Path, "pid");
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Task<ExecResult> running = Command($"echo $$ > {pid}.new; mv {pid}.new {pid}; sleep 1000").RunAsync(stopping.Token);
        await ExistsAsync(pid);
        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await EndAsync(await File.ReadAllTextAsync(pid, Cancelled));
    }

    private static ExecOptions Options() => new() { Name = "test", Command = [] };

    // A process that has ended and whose parent has not asked how is a zombie, which does nothing any more.
    private static bool Runs(string pid)
    {
        string stat = $"/proc/{int.Parse(pid, CultureInfo.InvariantCulture)}/stat";
        try
        {
            string text = File.ReadAllText(stat);
            return text[text.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    // What was killed needs a moment to be gone; what was not sleeps for longer than this waits.
    private static async Task EndAsync(params string[] pids)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (pids.Any(Runs))
        {
            Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(60));
            await Task.Delay(TimeSpan.FromMilliseconds(10), Cancelled);
        }
    }

    private static async Task ExistsAsync(string path)
    {
        while (!File.Exists(path))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), Cancelled);
        }
    }

    private static async Task<string> OutputAsync(ExecCommand command)
    {
        ExecResult result = await command.RunAsync(Cancelled);
        Assert.Null(result.Failure);
        return Encoding.UTF8.GetString(result.Output.Span);
    }

    private ExecCommand Command(string shell) => new(Options() with { Command = ["/bin/sh", "-c", shell] }, _clock);
}
