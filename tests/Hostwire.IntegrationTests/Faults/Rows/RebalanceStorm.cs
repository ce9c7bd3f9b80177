namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>Sinks come, go and die, so often that the group hardly ever settles.</summary>
internal sealed class RebalanceStorm : Fault
{
    private readonly int _steps;
    private readonly int _seed;

    public RebalanceStorm(Random random)
        : base(15, "rebalance storm")
    {
        _steps = Draw("steps", random.Next(3, 7));
        _seed = random.Next();
    }

    public override int PartitionsMin => 2;

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        var random = new Random(_seed);
        for (int step = 0; step < _steps; step++)
        {
            int place = random.Next(FaultStand.SinksMax);
            bool kills = random.Next(2) == 0;
            if (Array.Find(round.Sinks, sink => sink.Place == place) is not { } sink)
            {
                await round.StartSinkAsync(place, cancellationToken);
            }
            else
            {
                await (kills ? sink.KillAsync(cancellationToken) : sink.StopAsync(cancellationToken));
            }

            await Task.Delay(random.Next(200, 2_000), cancellationToken);
        }

        await round.RestoreSinksAsync(1, cancellationToken);
        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }
}
