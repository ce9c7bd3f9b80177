using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Hostwire.IntegrationTests.Faults.Agents;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The agent's user loses the right to write, and gets it back. Who may write nowhere may not even begin to: the producer dies of a fatal error, and so do its successors.</summary>
internal sealed class RightWithdrawn : AgentFault
{
    private readonly bool _hasAnother;

    public RightWithdrawn(Random random, int row)
        : base(row, row == 7 ? "producer dies of a fatal error" : "right to write withdrawn")
    {
        _hasAnother = row != 7;
        Draw("agents", 1);
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        LedgerAgent agent = round.Agents[0];
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = round.Stand.Kafka.BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        AclBinding write = MayWrite(round.Topic);
        AclBinding elsewhere = MayWrite($"{round.Topic}-elsewhere");
        if (_hasAnother)
        {
            await admin.CreateAclsAsync([elsewhere]);
        }

        // It starts without the right; then it has it, loses it and has it again.
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 2, cancellationToken);
        await admin.CreateAclsAsync([write]);
        await agent.LoggedAsync("Kafka takes records again", cancellationToken);
        await admin.DeleteAclsAsync([write.ToFilter()]);
        double? before = await agent.MetricAsync("hostwire_agent_producers_renewed_total");
        await round.UntilAsync(async () => await agent.MetricAsync("hostwire_agent_producers_renewed_total") > before + 1, "producers to be given up", cancellationToken);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 2, cancellationToken);

        await admin.CreateAclsAsync([write]);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 4, cancellationToken);
        await agent.EmptyAsync(cancellationToken);
        await admin.DeleteAclsAsync([elsewhere.ToFilter()]);
    }

    protected override void Prepare(AgentPlan agents) => agents.LogIn = true;

    private static AclBinding MayWrite(string topic) => KafkaRight.Of(KafkaBroker.User, AclOperation.Write, ResourceType.Topic, topic);
}
