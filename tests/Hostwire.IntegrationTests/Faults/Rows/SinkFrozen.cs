using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>A sink stands still for longer than the group waits (a frozen virtual machine), another takes over, and the first one goes on as if nothing had been.</summary>
internal sealed class SinkFrozen : Fault
{
    private static readonly string[] Moments = ["any", "in an open transaction", "between assignment and claim"];

    private readonly string _moment;
    private readonly int _bytes;

    public SinkFrozen(Random random)
        : base(14, "sink frozen")
    {
        _moment = Draw("moment", Moments[random.Next(Moments.Length)]);
        _bytes = random.Next(80, 500);
    }

    public override int SinksMin => 2;

    public override int PartitionsMin => 2;

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        (WatchedProcess frozen, ProxiedConnection? connection) = await FreezeAsync(round, cancellationToken);
        await round.UntilAsync(
            async () =>
            {
                Dictionary<int, string> owners = await round.OwnersAsync(cancellationToken);
                return owners.Count == round.Plan.Partitions && !owners.ContainsValue(frozen.Name);
            },
            "others to take over from the frozen sink",
            cancellationToken);
        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        frozen.Signal(UnixSignal.Continue);
        connection?.Release();
        await round.StoreMoreAsync(cancellationToken);
    }

    private async Task<(WatchedProcess Frozen, ProxiedConnection? Connection)> FreezeAsync(Round round, CancellationToken cancellationToken)
    {
        WatchedProcess sink;
        ProxiedConnection? connection = null;
        switch (_moment)
        {
            case "any":
                await round.UntilAsync(async () => (await round.OwnersAsync(cancellationToken)).Values.Distinct(StringComparer.Ordinal).Count() > 1, "two sinks at work", cancellationToken);
                Dictionary<int, string> owners = await round.OwnersAsync(cancellationToken);
                sink = round.Sinks.First(one => owners.ContainsValue(one.Name));
                break;
            case "in an open transaction":
                BatchStep step = Draw("step", (BatchStep)round.Random.Next((int)BatchStep.BeforeCommit + 1));
                (sink, connection) = await round.TripAsync(() => BatchSteps.Wire(step, _bytes), cancellationToken);
                break;
            default:
                // One that comes anew: it gets partitions from the group, and has claimed none.
                int place = round.Sinks[^1].Place;
                await round.Sinks[^1].KillAsync(cancellationToken);
                sink = await round.StartSinkAsync(place, cancellationToken);
                (_, connection) = await round.TripAsync(() => new Tripwire(FlowDirection.ToServer, TripPoint.BeforeText, 0, "for update"), cancellationToken, sink);
                break;
        }

        sink.Signal(UnixSignal.Stop);
        return (sink, connection);
    }
}
