using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>A transactional producer on the topic: its markers take offsets of their own, and what it aborts must not be seen.</summary>
internal sealed class Transactions : Fault
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly int _count;
    private readonly int _seed;

    public Transactions(Random random)
        : base(12, "transactions on the topic")
    {
        _count = Draw("transactions", random.Next(10, 40));
        _seed = random.Next();
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        var random = new Random(_seed);
        SyntheticHost host = round.MakeHost("in-transactions");
        using var producer = new LedgerProducer(round.Stand.Kafka.BootstrapServers, round.Topic, round.TopicId, round.Ledger, transactionalId: round.Topic);
        await Task.Run(() => producer.Client.InitTransactions(Patience), cancellationToken);
        for (int i = 0; i < _count; i++)
        {
            bool isAborted = random.Next(3) == 0;
            producer.Client.BeginTransaction();
            int records = random.Next(1, 4);
            for (int record = 0; record < records; record++)
            {
                producer.SendNext(host, random.Next(round.Plan.Partitions), fate: isAborted ? RecordFate.Aborted : RecordFate.Stored);
            }

            if (isAborted)
            {
                // On the topic, and taken back then.
                await producer.FlushAsync(cancellationToken);
                await Task.Run(() => producer.Client.AbortTransaction(Patience), cancellationToken);
            }
            else
            {
                await Task.Run(() => producer.Client.CommitTransaction(Patience), cancellationToken);
            }
        }

        await producer.FlushAsync(cancellationToken);
        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }
}
