using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The postmaster is killed, or stopped, and comes back; or PgBouncer before it, where there is one.</summary>
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
        if (round.Plan.IsPooled && Draw("pooler", round.Random.Next(2) == 0))
        {
            await KillPoolerAsync(round.Stand.Pooler!, round, cancellationToken);
            return;
        }

        await (_how == "kill" ? round.Stand.Postgres.KillAsync(cancellationToken) : round.Stand.Postgres.StopAsync(cancellationToken));
        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(_seconds), cancellationToken);
        await round.Stand.Postgres.StartAsync(cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }

    private async Task KillPoolerAsync(PgBouncerServer pooler, Round round, CancellationToken cancellationToken)
    {
        await pooler.KillAsync(cancellationToken);
        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(_seconds), cancellationToken);
        await pooler.StartAsync(cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }
}
