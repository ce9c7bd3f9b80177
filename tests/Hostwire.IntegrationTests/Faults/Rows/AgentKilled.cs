using Hostwire.IntegrationTests.Faults.Agents;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>Agents are killed again and again, while Kafka is there or away.</summary>
internal sealed class AgentKilled : AgentFault
{
    private readonly bool _isKafkaAway;
    private readonly int _kills;
    private readonly int _agents;

    public AgentKilled(Random random)
        : base(1, "agent killed in a loop")
    {
        _isKafkaAway = random.Next(2) == 0;
        Draw("Kafka", _isKafkaAway ? "away" : "there");
        _kills = Draw("kills", random.Next(3, 7));
        _agents = Draw("agents", random.Next(1, 3));
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        if (_isKafkaAway)
        {
            TakeKafkaAway(round);
        }

        Task accepting = round.AgentsAcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        for (int i = 0; i < _kills; i++)
        {
            // Now and then before it has come to itself.
            await Task.Delay(round.Random.Next(1, 1_500), cancellationToken);
            await ForEachAsync(round, agent => KillAsync(agent, meanwhile: null, cancellationToken));
        }

        await accepting;
        GiveKafkaBack(round);
    }

    protected override void Prepare(AgentPlan agents) => agents.Count = _agents;
}
