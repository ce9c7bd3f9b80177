using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>A sink dies at an exact step of a batch; another takes its place.</summary>
internal sealed class SinkKilled : Fault
{
    private static readonly string[] Steps = ["after the compare-and-set", "in mid-COPY", "before COMMIT", "after COMMIT, before its answer"];

    private readonly string _step;
    private readonly int _bytes;

    public SinkKilled(Random random)
        : base(13, "sink killed")
    {
        _step = Draw("step", Steps[random.Next(Steps.Length)]);
        _bytes = random.Next(80, 2_000);
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        (WatchedProcess sink, ProxiedConnection connection) = await round.TripAsync(MakeWire, cancellationToken);
        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await sink.KillAsync(cancellationToken);
        connection.Cut();
        await round.StartSinkAsync(sink.Place, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }

    private Tripwire MakeWire() => BatchSteps.Wire(_step switch
    {
        "after the compare-and-set" => BatchStep.AfterCompareAndSet,
        "in mid-COPY" => BatchStep.InMidCopy,
        "before COMMIT" => BatchStep.BeforeCommit,
        _ => BatchStep.AfterCommit,
    }, _bytes);
}
