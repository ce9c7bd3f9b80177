using Hostwire.IntegrationTests.Faults.Agents;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>Two agents have one host name, as copies of a machine do; perhaps even one id of the host.</summary>
internal sealed class TwinAgents : AgentFault
{
    private readonly bool _haveOneId;
    private readonly bool _isKafkaAway;

    public TwinAgents(Random random)
        : base(2, "two agents with one name")
    {
        _haveOneId = random.Next(2) == 0;
        Draw("host.id", _haveOneId ? "the same" : "their own");
        _isKafkaAway = random.Next(2) == 0;
        Draw("Kafka", _isKafkaAway ? "away for a time" : "there");
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        // One host to the product: two readings in the same microsecond contradict each other, and are where that is seen.
        round.ConflictsMayBe = _haveOneId;
        round.HostsOfOneName = _haveOneId ? 0 : 1;
        if (_isKafkaAway)
        {
            TakeKafkaAway(round);
        }

        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        GiveKafkaBack(round);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 2, cancellationToken);
    }

    protected override void Prepare(AgentPlan agents) => (agents.Count, agents.AreTwins, agents.HaveOneId) = (2, true, _haveOneId);
}
