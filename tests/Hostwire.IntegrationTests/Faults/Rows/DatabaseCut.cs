using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The connection to PostgreSQL breaks where it hurts most: around COMMIT, or after so many bytes, in one direction or both.</summary>
internal sealed class DatabaseCut : Fault
{
    private static readonly string[] Ways = ["before COMMIT", "after COMMIT, before its answer", "in mid-COPY", "after so many bytes", "half-close", "black hole", "refused"];

    private readonly string _how;
    private readonly FlowDirection _direction;
    private readonly int _bytes;
    private readonly double _seconds;

    public DatabaseCut(Random random)
        : base(19, "connection to the database cut")
    {
        _how = Draw("how", Ways[random.Next(Ways.Length)]);
        _direction = random.Next(2) == 0 ? FlowDirection.ToServer : FlowDirection.ToClient;
        _bytes = random.Next(1, 20_000);
        _seconds = Math.Round(0.5 + (random.NextDouble() * 4), 1);
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        FaultProxy[] proxies = [.. round.Sinks.Select(sink => round.Stand.SinkToPostgres[sink.Place])];
        switch (_how)
        {
            case "before COMMIT" or "after COMMIT, before its answer" or "in mid-COPY":
                BatchStep step = _how switch { "before COMMIT" => BatchStep.BeforeCommit, "in mid-COPY" => BatchStep.InMidCopy, _ => BatchStep.AfterCommit };
                (_, ProxiedConnection atStep) = await round.TripAsync(() => BatchSteps.Wire(step, 80 + (_bytes % 2_000)), cancellationToken);
                await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
                atStep.Cut();
                break;
            case "after so many bytes":
                Draw("bytes", _bytes);
                Draw("direction", _direction);
                (_, ProxiedConnection afterBytes) = await round.TripAsync(() => new Tripwire(_direction, TripPoint.AfterText, _bytes), cancellationToken);
                await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
                afterBytes.Cut();
                break;
            case "half-close":
                Draw("direction", _direction);
                Array.ForEach(proxies, proxy => proxy.HalfCloseAll(_direction));
                await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
                break;
            case "black hole":
                Draw("direction", _direction);
                Draw("seconds", _seconds);
                Array.ForEach(proxies, proxy => proxy.Set(_direction, new FlowConditions { IsBlackHole = true }));
                await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
                await Task.Delay(TimeSpan.FromSeconds(_seconds), cancellationToken);
                break;
            default:
                Array.ForEach(proxies, proxy => proxy.RefusesConnections = true);
                Array.ForEach(proxies, proxy => proxy.CutAll());
                await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
                break;
        }

        Array.ForEach(proxies, proxy => proxy.Heal());
        await round.StoreMoreAsync(cancellationToken);
    }
}
