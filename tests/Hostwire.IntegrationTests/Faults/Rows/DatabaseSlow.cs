using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>PostgreSQL takes far less than Kafka gives: the sink has to stop fetching, and to go on where it stopped.</summary>
internal sealed class DatabaseSlow : Fault
{
    private readonly int _bytesPerSecond;
    private readonly int _burst;
    private readonly int _seconds;

    public DatabaseSlow(Random random)
        : base(17, "database slow")
    {
        _bytesPerSecond = Draw("bytes a second", random.Next(15_000, 40_000));
        _burst = Draw("burst of records", random.Next(3_000, 6_000));
        _seconds = Draw("seconds", random.Next(2, 6));
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        FaultProxy[] proxies = [.. round.Sinks.Select(sink => round.Stand.SinkToPostgres[sink.Place])];
        Array.ForEach(proxies, proxy => proxy.SetBoth(new FlowConditions { BytesPerSecond = _bytesPerSecond }));
        SyntheticHost host = round.MakeHost("burst");
        for (int i = 0; i < _burst; i++)
        {
            round.Producer.SendNext(host, i % round.Plan.Partitions);
        }

        await round.AcceptAsync(_burst, cancellationToken);
        // Longer than the second after which a sink that cannot get rid of its batches stops fetching.
        await Task.Delay(TimeSpan.FromSeconds(_seconds), cancellationToken);
        Array.ForEach(proxies, proxy => proxy.Heal());
        await round.StoreMoreAsync(cancellationToken);
    }
}
