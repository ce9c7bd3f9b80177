using Hostwire.IntegrationTests.Faults.Agents;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The machine of an agent loses power: of the spool there is what was flushed, and perhaps a part of what came after.</summary>
internal sealed class PowerCut : AgentFault
{
    private const long Second = 1_000_000;

    // For a machine on which the tests are not alone. The rounds without this slack are those with spool_sync_seconds = 0.
    private const long Slack = 5 * Second;

    private readonly bool _isKafkaAway;
    private readonly int _syncSeconds;
    private readonly double _tail;

    public PowerCut(Random random)
        : base(2, "power cut")
    {
        _isKafkaAway = random.Next(4) > 0;
        Draw("Kafka", _isKafkaAway ? "away" : "there");
        _syncSeconds = Draw("spool_sync_seconds", random.Next(2));
        _tail = Draw("share of the tail", random.Next(2) == 0 ? 0 : Math.Round(random.NextDouble(), 2));
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        if (_isKafkaAway)
        {
            TakeKafkaAway(round);
        }

        // Long enough for a spool that is never flushed to lose more than it may.
        await round.AgentsAcceptAsync(3 * RoundRunner.AcceptedMin, cancellationToken);
        await ForEachAsync(round, agent => KillAsync(agent, CutPowerAsync, cancellationToken));
        GiveKafkaBack(round);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 2, cancellationToken);
    }

    protected override void Prepare(AgentPlan agents)
    {
        agents.Settings = $"spool_sync_seconds = {_syncSeconds}";
        agents.Preload = "durable.c";
    }

    private async Task CutPowerAsync(LedgerAgent agent)
    {
        if (_syncSeconds > 0)
        {
            agent.MayBeLost.Add((LedgerAgent.Now - (_syncSeconds * Second) - Slack, LedgerAgent.Now));
        }

        byte[] log = await RestAsync(agent, "-wal");
        foreach (string part in (string[])["", "-wal", "-shm"])
        {
            File.Delete(agent.Spool + part);
            string durable = Path.Combine(agent.Durable, Path.GetFileName(agent.Spool) + part);
            if (File.Exists(durable))
            {
                File.Copy(durable, agent.Spool + part);
            }
        }

        if (log.Length > 0)
        {
            await File.WriteAllBytesAsync(agent.Spool + "-wal", log);
        }
    }

    /// <summary>What the disk has of the log: what was flushed, and so much of what was written behind it; nothing where it was begun anew since.</summary>
    private async Task<byte[]> RestAsync(LedgerAgent agent, string part)
    {
        const int header = 32;
        string durable = Path.Combine(agent.Durable, Path.GetFileName(agent.Spool) + part);
        if (_tail == 0 || !File.Exists(durable) || !File.Exists(agent.Spool + part))
        {
            return [];
        }

        byte[] safe = await File.ReadAllBytesAsync(durable);
        byte[] written = await File.ReadAllBytesAsync(agent.Spool + part);
        bool isSame = safe.Length >= header && written.Length >= safe.Length && written.AsSpan(0, header).SequenceEqual(safe.AsSpan(0, header));
        return isSame ? written[..(safe.Length + (int)((written.Length - safe.Length) * _tail))] : [];
    }
}
