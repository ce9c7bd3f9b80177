using Hostwire.IntegrationTests.Faults.Agents;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>Kafka is away until more waits than the spool may hold.</summary>
internal sealed class SpoolCapped : AgentFault
{
    // The least that the setting allows.
    private const int CapBytes = 1_048_576;

    private readonly int _points;

    public SpoolCapped(Random random)
        : base(6, "Kafka away past the spool's cap") => _points = Draw("points of a reading", random.Next(700, 1_000));

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        LedgerAgent agent = round.Agents[0];
        agent.DropsTheOldest = true;

        // Nothing is on its way when Kafka goes: what it has taken and not acknowledged would be sent again, and might have been dropped before.
        await agent.PauseAsync(cancellationToken);
        await agent.EmptyAsync(cancellationToken);
        TakeKafkaAway(round);
        agent.Resume();
        await round.UntilAsync(async () => await agent.MetricAsync("hostwire_agent_records_dropped_total") > 0, "the cap to be reached", cancellationToken);
        await round.AgentsAcceptAsync(5 * _points, cancellationToken);
        await round.UntilAsync(async () => await agent.MetricAsync("hostwire_agent_queue_usage_bytes") <= CapBytes, "no more to wait than may", cancellationToken);
        GiveKafkaBack(round);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
    }

    protected override void Prepare(AgentPlan agents) => (agents.Points, agents.Commands, agents.Settings) = (_points, 4, $"spool_max_bytes = {CapBytes}");
}
