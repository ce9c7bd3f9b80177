using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>Kafka deletes records before the sinks have read them.</summary>
internal sealed class RetentionPasses : Fault
{
    private readonly string _sinks;
    private readonly double _share;

    public RetentionPasses(Random random)
        : base(10, "retention passes the sink")
    {
        _sinks = Draw("sinks", random.Next(2) == 0 ? "killed" : "frozen");
        _share = Draw("share", Math.Round(0.2 + (random.NextDouble() * 0.8), 2));
    }

    public override bool LeavesRecords => false;

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        // A partition that was never claimed has no offset to miss anything from.
        await round.ClaimAllAsync(cancellationToken);
        if (_sinks == "killed")
        {
            await round.KillSinksAsync(cancellationToken);
        }
        else
        {
            Array.ForEach(round.Sinks, sink => sink.Signal(UnixSignal.Stop));
        }

        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await round.PauseProducingAsync(cancellationToken);
        Dictionary<int, (string TopicId, long Next)> stored = await round.StoredAsync(cancellationToken);
        IReadOnlyList<long> ends = await round.Stand.Kafka.Client.EndOffsetsAsync(round.Topic, cancellationToken);
        for (int partition = 0; partition < ends.Count; partition++)
        {
            long to = stored[partition].Next + (long)((ends[partition] - stored[partition].Next) * _share);
            if (to > stored[partition].Next)
            {
                round.ExpectedGaps.Add(new ExpectedGap(round.TopicId, partition, to));
                await round.Stand.Kafka.Client.DeleteRecordsAsync(round.Topic, partition, to);
            }
        }

        await round.ProduceAsync();
        if (_sinks == "killed")
        {
            await round.RestoreSinksAsync(round.Plan.Sinks, cancellationToken);
        }
        else
        {
            Array.ForEach(round.Sinks, sink => sink.Signal(UnixSignal.Continue));
        }

        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }
}
