using Hostwire.IntegrationTests.Faults.Agents;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The disk of the spool is full, or read-only, while Kafka is away; what memory cannot hold is dropped and counted.</summary>
internal sealed class SpoolDisk : AgentFault
{
    private readonly bool _isFull;
    private readonly bool _isMemorySmall;
    private readonly bool _isDiskFirst;

    public SpoolDisk(Random random)
        : base(4, "disk of the spool full or read-only")
    {
        _isFull = random.Next(2) == 0;
        Draw("disk", _isFull ? "full" : "read-only at the start");
        _isMemorySmall = random.Next(2) == 0;
        Draw("queue_max_bytes", _isMemorySmall ? 65_536 : 16_777_216);
        _isDiskFirst = random.Next(2) == 0;
        Draw("comes back first", _isDiskFirst ? "disk" : "Kafka");
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        LedgerAgent agent = round.Agents[0];
        TakeKafkaAway(round);
        using var mending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task filling = _isFull ? KeepFullAsync(agent, mending.Token) : Task.CompletedTask;
        await agent.LoggedAsync("cannot be used", cancellationToken);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        if (_isMemorySmall)
        {
            await round.UntilAsync(async () => await agent.MetricAsync("hostwire_agent_records_dropped_total") > 0, "memory to be full", cancellationToken);
        }

        await mending.CancelAsync();
        await filling;
        if (_isDiskFirst)
        {
            await MendAsync(agent);
            await agent.LoggedAsync("works again", cancellationToken);
            GiveKafkaBack(round);
        }
        else
        {
            GiveKafkaBack(round);
            await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 4, cancellationToken);
            await MendAsync(agent);
            await agent.LoggedAsync("works again", cancellationToken);
        }

        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 4, cancellationToken);
    }

    protected override void Prepare(AgentPlan agents)
    {
        agents.Disk = _isFull ? "size=2m" : "size=2m,ro";
        agents.Settings = $"queue_max_bytes = {(_isMemorySmall ? 65_536 : 16_777_216)}";
    }

    // The spool gives room back when it closes its file, which others on a full disk would take at once.
    private static async Task KeepFullAsync(LedgerAgent agent, CancellationToken mending)
    {
        while (!mending.IsCancellationRequested)
        {
            await SmallDisk.FillAsync(agent.Process.Id, agent.Disk);
            await Task.Delay(TimeSpan.FromMilliseconds(100), mending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task MendAsync(LedgerAgent agent) =>
        _isFull ? SmallDisk.ClearAsync(agent.Process.Id, agent.Disk) : SmallDisk.RemountAsync(agent.Process.Id, agent.Disk, "rw");
}
