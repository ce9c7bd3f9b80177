using System.Text.Json;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>What the runner makes of the lines of the long run.</summary>
public sealed class FaultProgramTests : IDisposable
{
    private readonly TestDirectory _files = new("lines");

    private static string LongRun => Repository.PathOf("docs/faults-long-run.jsonl");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_document_shows_the_table_of_the_lines_that_are_committed()
    {
        (int exitCode, string table, string problem) = await RunAsync("--table", LongRun);
        Assert.Equal((0, ""), (exitCode, problem));
        Assert.Contains(table, await File.ReadAllTextAsync(Repository.PathOf("docs/reliability.md"), Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_resumed_leaves_out_the_rounds_that_were_played()
    {
        await KafkaLocation.HomeAsync();
        string line = (await File.ReadAllLinesAsync(LongRun, Cancellation))[0];
        using JsonDocument report = JsonDocument.Parse(line);
        string lines = await _files.WriteAsync("run.jsonl", line + "\n");

        (int exitCode, _, string said) = await RunAsync("--seed", report.RootElement.GetProperty("seed").GetRawText(), "--rounds", "1", "--output", lines, "--resume");
        Assert.Equal(0, exitCode);
        Assert.EndsWith("0 rounds played.\n", said, StringComparison.Ordinal);
        Assert.Equal(line + "\n", await File.ReadAllTextAsync(lines, Cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = await FaultProgram.RunAsync(arguments, output, error, Cancellation);
        return (exitCode, output.ToString(), error.ToString());
    }
}
