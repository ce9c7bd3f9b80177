namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The postmaster is killed, or stopped, and comes back.</summary>
internal sealed class DatabaseGone : Fault
{
    private readonly string _how;
    private readonly double _seconds;

    public DatabaseGone(Random random)
        : base(18, "database gone")
    {
        _how = Draw("how", random.Next(3) == 0 ? "restart" : "kill");
        _seconds = Draw("seconds", Math.Round(random.NextDouble() * 2, 1));
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        await (_how == "kill" ? round.Stand.Postgres.KillAsync(cancellationToken) : round.Stand.Postgres.StopAsync(cancellationToken));
        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(_seconds), cancellationToken);
        await round.Stand.Postgres.StartAsync(cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }
}
