using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Agents;

/// <summary>A fault on the agents' side.</summary>
internal abstract class AgentFault(int row, string name) : Fault(row, name)
{
    // Enough beside the agents for the sinks to have other work too.
    private const int OtherHosts = 3;

    /// <inheritdoc/>
    public sealed override bool IsOnAgents => true;

    /// <inheritdoc/>
    public sealed override void Prepare(RoundPlan plan)
    {
        plan.Hosts = OtherHosts;
        plan.Agents = new AgentPlan();
        Prepare(plan.Agents);
    }

    /// <summary>Sets up the agents.</summary>
    protected virtual void Prepare(AgentPlan agents)
    {
    }

    /// <summary>Takes Kafka away from the agents: whoever is connected is cut off, whoever comes is refused.</summary>
    protected static void TakeKafkaAway(Round round)
    {
        round.Stand.AgentToKafka.RefusesConnections = true;
        round.Stand.AgentToKafka.CutAll();
    }

    /// <summary>Gives it back.</summary>
    protected static void GiveKafkaBack(Round round) => round.Stand.AgentToKafka.Heal();

    /// <summary>Kills an agent and starts it again, on what is left of its spool.</summary>
    protected static async Task KillAsync(LedgerAgent agent, Func<LedgerAgent, Task>? meanwhile, CancellationToken cancellationToken)
    {
        await agent.KillAsync(cancellationToken);
        await (meanwhile?.Invoke(agent) ?? Task.CompletedTask);
        await agent.StartAsync(cancellationToken);
    }

    /// <summary>Does the same with all agents at once.</summary>
    protected static Task ForEachAsync(Round round, Func<LedgerAgent, Task> action) => Task.WhenAll(round.Agents.Select(action));
}
