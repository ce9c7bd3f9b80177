using Hostwire.IntegrationTests.Faults.Agents;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The agents' topic is deleted, and made again after a time; what was measured meanwhile waits.</summary>
internal sealed class TopicMissing : AgentFault
{
    public TopicMissing(Random random)
        : base(8, "topic missing") => Draw("agents", 1);

    public override bool LeavesRecords => false;

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        await round.ClaimAllAsync(cancellationToken);

        // What is on the topic goes with it, which row 11 is about: so all of it is stored before.
        await round.PauseProducingAsync(cancellationToken);
        LedgerAgent agent = round.Agents[0];
        await agent.PauseAsync(cancellationToken);
        await agent.EmptyAsync(cancellationToken);
        await round.MarkAndDrainAsync(cancellationToken);
        await round.KillSinksAsync(cancellationToken);
        round.ExpectedGaps.Add(new ExpectedGap(round.TopicId, Partition: null, To: null));
        await round.Stand.Kafka.Client.DeleteTopicAsync(round.Topic);
        agent.Resume();
        await agent.LoggedAsync("hostwire topic create", cancellationToken);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await round.Stand.Kafka.Client.CreateTopicAsync(round.Topic, round.Plan.Partitions);
        await round.RestoreSinksAsync(round.Plan.Sinks, cancellationToken);
        await round.ProduceAsync();
        await round.ClaimAllAsync(cancellationToken);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 2, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }
}
