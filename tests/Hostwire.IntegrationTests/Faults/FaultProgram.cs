using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Hostwire.IntegrationTests.Faults.Agents;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>The runner as a program: plays rounds, writes their lines, says how it goes.</summary>
public static class FaultProgram
{
    /// <summary>Runs it.</summary>
    /// <returns>0: every round was ok; 1: one failed; 2: none failed, but one was void; 64: the command line is wrong; 69: there is no Kafka or PostgreSQL; 130: told to stop.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);
        if (FaultOptions.Parse(arguments, out string problem) is not { } options)
        {
            await error.WriteLineAsync(problem);
            return 64;
        }

        if (options.Table is { } file)
        {
            await output.WriteAsync(ReliabilityTable.Render(await ReadAsync(file, stopping)));
            return 0;
        }

        if (await WhatIsMissingAsync(options.Rows) is { } missing)
        {
            await error.WriteLineAsync(missing);
            return 69;
        }

        int first = options.Seed ?? Random.Shared.Next(1, 1_000_000_000);
        await error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Seeds {first} to {first + options.Rounds - 1}; lines go to {options.Output}."));
        HashSet<int> done = options.Resume && File.Exists(options.Output) ? [.. (await ReadAsync(options.Output, stopping)).Select(report => report.Seed)] : [];
        var left = new ConcurrentQueue<int>(Enumerable.Range(first, options.Rounds).Where(seed => !done.Contains(seed)));
        return await PlayAsync(options, left, output, error, stopping);
    }

    private static async Task<int> PlayAsync(FaultOptions options, ConcurrentQueue<int> seeds, TextWriter output, TextWriter error, CancellationToken stopping)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Output))!);
        string commit = await CommitAsync();
        using var hostwire = new PublishedBinary();
        using var gate = new SemaphoreSlim(1);
        int worst = 0;
        int played = 0;
        await using var lines = new StreamWriter(options.Output, append: options.Resume);
        await Task.WhenAll(Enumerable.Range(0, options.Parallel).Select(async _ =>
        {
            await using var runner = new RoundRunner(hostwire, commit);
            while (!stopping.IsCancellationRequested && seeds.TryDequeue(out int seed))
            {
                if (await runner.PlayAsync(RoundPlan.Draw(seed, options.Rows), options.RowsText, options.Output + ".logs", stopping) is not { } report)
                {
                    break;
                }

                await gate.WaitAsync(CancellationToken.None);
                await lines.WriteLineAsync(JsonSerializer.Serialize(report, RoundReportJson.Default.RoundReport));
                await lines.FlushAsync(CancellationToken.None);
                await output.WriteLineAsync(Describe(report));
                played++;
                worst = report.Verdict switch { "failed" => 1, "void" when worst == 0 => 2, _ => worst };
                gate.Release();
            }
        }));
        await error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{played} rounds played."));
        return stopping.IsCancellationRequested ? 130 : worst;
    }

    /// <summary>A sentence where rounds cannot be played at all; null where they can.</summary>
    private static async Task<string?> WhatIsMissingAsync(IReadOnlyList<int> rows)
    {
        try
        {
            await KafkaLocation.HomeAsync();
        }
        catch (Exception skip) when (skip.Message.Contains("Apache Kafka cannot be had", StringComparison.Ordinal))
        {
            // The tests' word for it begins with a mark for their own runner.
            return skip.Message[skip.Message.IndexOf("Apache Kafka", StringComparison.Ordinal)..];
        }

        return PostgresBinaries.Find() is null ? "PostgreSQL is not installed (Debian: apt-get install postgresql)."
            : !PgBouncerServer.IsInstalled ? "PgBouncer is not installed (Debian: apt-get install pgbouncer)."
            : rows.Contains(4) && await SmallDisk.ProblemAsync() is { } problem ? $"Row 4 cannot be played here; leave it out with --fault. {problem}"
            : null;
    }

    private static string Describe(RoundReport report)
    {
        string faults = string.Join(" + ", report.Faults.Select(fault =>
            string.Create(CultureInfo.InvariantCulture, $"{fault.Row} {fault.Name} ({string.Join(", ", fault.Parameters.Select(one => $"{one.Key}: {one.Value}"))})")));
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Verdict,-6} seed {report.Seed} {report.Seconds,5:0.0} s accepted {report.Accepted} ({report.AcceptedUnderFault} under fault) lost {report.Lost} twice {report.Twice} wrong {report.Wrong}: {faults}");
        return report.Verdict == "ok" ? line : $"{line}\n  {string.Join("\n  ", report.Complaints)}\n  again: {report.Replay}";
    }

    private static async Task<List<RoundReport>> ReadAsync(string file, CancellationToken cancellationToken)
    {
        var reports = new List<RoundReport>();
        await foreach (string line in ReliabilityTable.LinesAsync(file, cancellationToken))
        {
            reports.Add(JsonSerializer.Deserialize(line, RoundReportJson.Default.RoundReport) ?? throw new InvalidDataException($"{file} holds a line that is no report."));
        }

        return reports;
    }

    private static async Task<string> CommitAsync()
    {
        string commit = (await ChildProcess.RunAsync("git", ["-C", Repository.Root, "rev-parse", "--short=12", "HEAD"])).Trim();
        string changes = await ChildProcess.RunAsync("git", ["-C", Repository.Root, "status", "--porcelain", "--untracked-files=no"]);
        return changes.Trim().Length == 0 ? commit : commit + "+";
    }
}
