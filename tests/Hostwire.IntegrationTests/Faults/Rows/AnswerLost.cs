using Hostwire.IntegrationTests.Faults.Agents;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The connection breaks when the broker has the records and the agent does not know, or has a part of them.</summary>
internal sealed class AnswerLost : AgentFault
{
    private readonly bool _isAnswer;
    private readonly int _times;
    private readonly int _bytes;

    public AnswerLost(Random random)
        : base(7, "answer to produce lost")
    {
        _isAnswer = random.Next(3) > 0;
        _times = Draw("times", random.Next(3, 7));
        _bytes = random.Next(3_000);
        Draw("cut", _isAnswer ? "before the answer" : "in the middle of the records");
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        Task accepting = round.AgentsAcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        for (int i = 0; i < _times; i++)
        {
            Tripwire wire = round.Stand.AgentToKafka.Lay(new Tripwire(
                FlowDirection.ToServer, _isAnswer ? TripPoint.BeforeAnswer : TripPoint.AfterText, _isAnswer ? 0 : _bytes, "rig_ledger_0"));
            await round.UntilAsync(() => Task.FromResult(wire.Tripped.IsCompleted), "records to be sent", cancellationToken);
            // Time for more to be measured while nobody knows.
            await Task.Delay(round.Random.Next(500), cancellationToken);
            (await wire.Tripped).Cut();
        }

        round.Stand.AgentToKafka.Heal();
        await accepting;
    }

    // In plain view, for the tripwire.
    protected override void Prepare(AgentPlan agents) => agents.Properties = "\"compression.type\" = \"none\"";
}
