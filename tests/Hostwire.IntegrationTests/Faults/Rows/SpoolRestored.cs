using Hostwire.IntegrationTests.Faults.Agents;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>A machine is set back to a snapshot: its spool holds records that were sent long ago, and numbers its new ones as it has numbered others before.</summary>
internal sealed class SpoolRestored : AgentFault
{
    public SpoolRestored(Random random)
        : base(2, "snapshot of the spool restored") => Draw("agents", 1);

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        TakeKafkaAway(round);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await ForEachAsync(round, agent => KillAsync(agent, agent => CopyAsync(agent.Disk, Snapshot(agent)), cancellationToken));
        GiveKafkaBack(round);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 2, cancellationToken);

        // What waits when the spool is replaced is gone with it; so nothing does.
        await ForEachAsync(round, async agent =>
        {
            await agent.PauseAsync(cancellationToken);
            await agent.EmptyAsync(cancellationToken);
            await KillAsync(agent, agent => CopyAsync(Snapshot(agent), agent.Disk), cancellationToken);
            agent.Resume();
        });
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 2, cancellationToken);
    }

    private static string Snapshot(LedgerAgent agent) => Path.Combine(agent.Folder, "snapshot");

    private static Task CopyAsync(string from, string to)
    {
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }

        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        return Task.CompletedTask;
    }
}
