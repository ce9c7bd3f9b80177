namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The broker is stopped, or killed, and comes back.</summary>
internal sealed class BrokerGone : Fault
{
    private readonly string _how;

    public BrokerGone(Random random)
        : base(9, "broker gone") => _how = Draw("how", random.Next(2) == 0 ? "kill" : "restart");

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        await (_how == "kill" ? round.Stand.Kafka.KillAsync(cancellationToken) : round.Stand.Kafka.StopAsync(cancellationToken));
        await round.Stand.Kafka.StartAsync(cancellationToken);
        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }
}
