using System.Globalization;
using Hostwire.IntegrationTests.Faults.Agents;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The topic takes only small records for a time: readings are sent in parts; a part that cannot be made smaller is dropped and counted.</summary>
internal sealed class RecordTooLarge : AgentFault
{
    // A reading of 100 points has ten metrics of 10 points, some 500 bytes each, and 300 of what every record begins with.
    private const int PointsOfAMetric = 10;

    private readonly bool _fitsMetric;

    public RecordTooLarge(Random random)
        : base(8, "record too large")
    {
        _fitsMetric = random.Next(2) == 0;
        Draw("max.message.bytes", _fitsMetric ? 2_500 : 300);
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        LedgerAgent agent = round.Agents[0];
        agent.PointsOfADrop = PointsOfAMetric;

        // The ledger's own producer does not make its batches smaller.
        await round.PauseProducingAsync(cancellationToken);
        await agent.PauseAsync(cancellationToken);
        await agent.EmptyAsync(cancellationToken);
        await round.Stand.Kafka.Client.AlterTopicAsync(round.Topic, "max.message.bytes", (_fitsMetric ? 2_500 : 300).ToString(CultureInfo.InvariantCulture));
        agent.Resume();
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await agent.PauseAsync(cancellationToken);
        await agent.EmptyAsync(cancellationToken);
        if (await agent.MetricAsync("hostwire_agent_records_split_total") is not > 0 || await agent.MetricAsync("hostwire_agent_records_dropped_total") > 0 == _fitsMetric)
        {
            round.Complaints.Add("Records were not made smaller, or dropped, as they had to be.");
        }

        await round.Stand.Kafka.Client.AlterTopicAsync(round.Topic, "max.message.bytes", value: null);
        agent.Resume();
        await round.ProduceAsync();
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 2, cancellationToken);
    }

    protected override void Prepare(AgentPlan agents) => agents.Properties = "\"compression.type\" = \"none\"";
}
