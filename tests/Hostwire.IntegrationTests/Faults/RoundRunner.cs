using System.Globalization;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>Plays rounds on one stand, one after the other.</summary>
internal sealed class RoundRunner(PublishedBinary hostwire, string commit) : IAsyncDisposable
{
    /// <summary>Fewer points than these accepted under a fault prove nothing.</summary>
    public const int AcceptedMin = 1_000;

    // 250 and 40 MB in the kernel's kilobytes, all of a process's life: an agent has most as it starts.
    private const long SinkBound = 250_000_000 / 1024;
    private const long AgentBound = 40_000_000 / 1024;

    private FaultStand? _stand;
    private bool _isSuspect;

    /// <summary>Plays one round to its end, whatever comes; null where it was told to stop before.</summary>
    /// <param name="plan">The round.</param>
    /// <param name="rows">The rows it was drawn from, for the command that repeats it.</param>
    /// <param name="logs">Where the output of the processes of a failed round goes; null: nowhere.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<RoundReport?> PlayAsync(RoundPlan plan, string rows, string? logs, CancellationToken cancellationToken)
    {
        DateTimeOffset at = TimeProvider.System.GetUtcNow();
        long start = TimeProvider.System.GetTimestamp();
        if (_isSuspect)
        {
            // Whatever state the last round has left it in, this one does not inherit it.
            await DisposeAsync();
        }

        _stand ??= new FaultStand(hostwire);
        var complaints = new List<string>();
        RoundAccount account = new();
        await using var round = new Round(_stand, plan);
        try
        {
            await _stand.MakeReadyAsync(plan, cancellationToken);
            account = await PlayAsync(round, cancellationToken);
            complaints.AddRange(account.Examples);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            complaints.Add($"{error.GetType().Name}: {error.Message}");
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        complaints.AddRange(round.Complaints);
        complaints.AddRange(round.Processes.Select(process => process.Complaint).OfType<string>());
        complaints.AddRange(round.Processes.Where(process => process.PeakKilobytes > BoundOf(process)).Select(process =>
            string.Create(CultureInfo.InvariantCulture, $"{process.Name} had {process.PeakKilobytes} kB resident, more than {BoundOf(process)} kB.")));
        bool isFailed = complaints.Count > (account.IsClean ? account.Examples.Count : 0) || !account.IsClean;
        if (isFailed)
        {
            _isSuspect = true;
            await KeepAsync(round, logs);
        }

        return new RoundReport
        {
            Verdict = isFailed && !(HasStalled(round) && complaints.Count == account.Examples.Count && complaints.TrueForAll(IsOfAgent)) ? "failed" : isFailed || IsVoid(round, account) ? "void" : "ok",
            Seed = plan.Seed,
            At = at,
            Commit = commit,
            Faults = [.. plan.Faults.Select(fault => new FaultReport(fault.Row, fault.Name, fault.Parameters))],
            Partitions = plan.Partitions,
            Sinks = plan.Sinks,
            IsPooled = plan.IsPooled,
            Accepted = account.Accepted,
            AcceptedUnderFault = round.Ledger.AcceptedUnderFault + account.Agents.AcceptedUnderFault,
            WithinWindow = account.Agents.WithinWindow,
            Stored = account.Stored,
            DroppedAndCounted = account.DroppedAndCounted,
            DeadLetters = account.DeadLetters,
            Duplicates = round.Ledger.ResentPoints,
            Lost = account.Lost,
            Twice = account.Twice,
            Wrong = account.Wrong,
            OffsetFaults = account.OffsetFaults,
            PeakKilobytes = new(round.Processes.ToDictionary(process => process.Name, process => process.PeakKilobytes, StringComparer.Ordinal), StringComparer.Ordinal),
            Seconds = Math.Round(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 1),
            Complaints = [.. complaints],
            Replay = string.Create(CultureInfo.InvariantCulture, $"scripts/faults --seed {plan.Seed} --rounds 1{(rows.Length > 0 ? $" --fault {rows}" : "")}"),
        };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stand is { } stand)
        {
            _stand = null;
            _isSuspect = false;
            await stand.DisposeAsync();
        }
    }

    private static async Task<RoundAccount> PlayAsync(Round round, CancellationToken cancellationToken)
    {
        await round.StartAsync(cancellationToken);
        foreach (Fault fault in round.Plan.Faults)
        {
            round.BeginFault();
            await fault.RunAsync(round, cancellationToken);
            round.EndFault();
        }

        await round.FinishAsync(cancellationToken);
        return await RoundAccount.TakeAsync(round, cancellationToken);
    }

    // Each side that a fault was on has to have taken its points, and all of them must be known to be where they belong.
    private static bool IsVoid(Round round, RoundAccount account) =>
        account.Agents.Doubtful > 0 || round.Plan.Faults.Any(fault => (fault.IsOnAgents ? account.Agents.AcceptedUnderFault : round.Ledger.AcceptedUnderFault) < AcceptedMin);

    // A command that the machine has held up for longer than it may take was ended, and whatever it had written down, the agent has not taken what it printed.
    private static bool HasStalled(Round round) =>
        round.Agents.SelectMany(agent => agent.Processes).Any(process => process.Output.Contains("was not done within", StringComparison.Ordinal));

    private static bool IsOfAgent(string complaint) => complaint.StartsWith("agent-", StringComparison.Ordinal);

    private static long BoundOf(WatchedProcess process) => process.Name.StartsWith("agent", StringComparison.Ordinal) ? AgentBound : SinkBound;

    private static async Task KeepAsync(Round round, string? logs)
    {
        if (logs is not null)
        {
            Directory.CreateDirectory(logs);
            foreach (WatchedProcess process in round.Processes)
            {
                await File.WriteAllTextAsync(
                    Path.Combine(logs, string.Create(CultureInfo.InvariantCulture, $"seed-{round.Plan.Seed}-{process.Name}.log")), process.Output);
            }

            foreach (string ledger in round.Agents.SelectMany(agent => Directory.EnumerateFiles(agent.Folder, "*.ledger")))
            {
                string name = $"{Path.GetFileName(Path.GetDirectoryName(ledger))![^1]}-{Path.GetFileName(ledger)}";
                File.Copy(ledger, Path.Combine(logs, string.Create(CultureInfo.InvariantCulture, $"seed-{round.Plan.Seed}-agent-{name}")), overwrite: true);
            }
        }
    }
}
