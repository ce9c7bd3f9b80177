using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The topic is deleted and made again under its name; the new one holds more or fewer records than had been read of the old one.</summary>
internal sealed class TopicMadeAgain : Fault
{
    private readonly bool _underSinks;
    private readonly bool _fewer;

    public TopicMadeAgain(Random random)
        : base(11, "topic made again")
    {
        // Under running sinks it takes up to a quarter of a minute until one looks: now and then is enough.
        _underSinks = random.Next(3) == 0;
        _fewer = random.Next(2) == 0;
        Draw("sinks", _underSinks ? "running" : "away");
        Draw("records", _fewer ? "fewer" : "more");
    }

    public override bool LeavesRecords => false;

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        await round.ClaimAllAsync(cancellationToken);
        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
        if (!_underSinks)
        {
            await round.KillSinksAsync(cancellationToken);
        }

        await round.PauseProducingAsync(cancellationToken);
        Dictionary<int, (string TopicId, long Next)> stored = await round.StoredAsync(cancellationToken);
        round.ExpectedGaps.Add(new ExpectedGap(round.TopicId, Partition: null, To: null));
        await round.Stand.Kafka.Client.DeleteTopicAsync(round.Topic);
        await round.Stand.Kafka.Client.CreateTopicAsync(round.Topic, round.Plan.Partitions);
        await round.FindTopicAsync();
        await FillAsync(round, stored, cancellationToken);
        if (!_underSinks)
        {
            await round.RestoreSinksAsync(round.Plan.Sinks, cancellationToken);
        }

        await round.ClaimAllAsync(cancellationToken);
        await round.ProduceAsync();
        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }

    private async Task FillAsync(Round round, Dictionary<int, (string TopicId, long Next)> stored, CancellationToken cancellationToken)
    {
        SyntheticHost host = round.MakeHost("after");
        for (int partition = 0; partition < round.Plan.Partitions; partition++)
        {
            long records = _fewer ? 1 : stored[partition].Next + 20;
            for (long i = 0; i < records; i++)
            {
                round.Producer.SendNext(host, partition);
            }
        }

        await round.Producer.FlushAsync(cancellationToken);
    }
}
