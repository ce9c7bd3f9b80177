using System.Text.Json;
using Hostwire.Commands;
using Hostwire.Diagnostics;
using Hostwire.Simulation.Ledger;
using Hostwire.Tests.Configuration;

namespace Hostwire.Tests.Simulation;

public sealed class SimulateCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_dry_run_makes_everything_and_its_ledger_is_the_same_each_time()
    {
        string[] arguments = ["--dry-run", "--fast", "--hosts", "20", "--duration", "1m", "--start", "2026-11-24T00:00:00Z", "--json"];
        string first = Path.Combine(_folder.Path, "1");
        string second = Path.Combine(_folder.Path, "2");

        (ExitCode code, string output, _) = await RunAsync([.. arguments, "--ledger", first]);
        await RunAsync([.. arguments, "--ledger", second]);

        Assert.Equal(ExitCode.Success, code);
        JsonElement report = JsonDocument.Parse(output).RootElement;
        Assert.Equal(20, report.GetProperty("hosts").GetInt32());
        LedgerFile ledger = LedgerFile.Read(first);
        Assert.Equal(report.GetProperty("points").GetInt64(), ledger.Entries.Sum(entry => entry.Frame.Points));
        Assert.Equal(report.GetProperty("frames").GetInt64(), ledger.Entries.Count);
        Assert.InRange(report.GetProperty("records").GetInt64(), 110, 120);
        Assert.Equal(await File.ReadAllBytesAsync(first, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(second, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_summary_for_people_says_what_was_made()
    {
        (ExitCode code, string output, string error) = await RunAsync("--dry-run", "--fast", "--hosts", "5", "--scrapes", "3");

        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("records  15: made, not sent\n", output, StringComparison.Ordinal);
        Assert.Contains("5 hosts (vm=12,db=4,container=3,server=1), sent nowhere, seed 1", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--fast needs to know", "--fast", "--dry-run")]
    [InlineData("not both", "--duration", "1m", "--scrapes", "3")]
    [InlineData("--scrapes must be", "--scrapes", "0")]
    [InlineData("--scrapes must be", "--fast", "--scrapes", "1000000000000")]
    [InlineData("--hosts must be", "--hosts", "0")]
    [InlineData("--interval must be", "--interval", "0")]
    [InlineData("--start goes with --fast", "--start", "2026-11-24T00:00:00Z")]
    [InlineData("is no time", "--fast", "--scrapes", "1", "--start", "yesterday")]
    [InlineData("--prefix must be", "--prefix", "a b")]
    [InlineData("there is no shape", "--shapes", "pc")]
    [InlineData("no stretch of time", "--duration", "soon")]
    [InlineData("kafka.bootstrap_servers is not set", "--scrapes", "1")]
    [InlineData("postgres.uri is not set", "--verify", "ledger")]
    [InlineData("cannot be read", "--verify", "/nowhere/ledger", "--postgres-uri", "postgres://a@127.0.0.1/b?sslmode=disable")]
    public async Task What_cannot_be_done_is_said_in_one_sentence_with_exit_code_2(string words, params string[] arguments)
    {
        (ExitCode code, string output, string error) = await RunAsync(arguments);

        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<(ExitCode Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var process = new HostwireInvocation
        {
            Output = output,
            Error = error,
            Environment = new Dictionary<string, string>(StringComparer.Ordinal),
            DefaultConfigFile = "/nowhere/hostwire.toml",
            LogStream = Stream.Null,
        };
        ExitCode code = await CommandLine.RunAsync(["simulate", .. arguments], Program.Verbs(), process, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
