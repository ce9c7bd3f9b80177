using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The network between sinks and broker: slow, cut, half closed, dead, refusing.</summary>
internal sealed class BrokerFarAway : Fault
{
    private static readonly string[] Ways = ["round trip of 2 s", "cut again and again", "half-close", "black hole", "refused", "cut after so many bytes"];

    private readonly string _how;
    private readonly FlowDirection _direction;
    private readonly int _bytes;
    private readonly double _seconds;

    public BrokerFarAway(Random random)
        : base(9, "broker far away")
    {
        _how = Draw("how", Ways[random.Next(Ways.Length)]);
        _direction = Draw("direction", random.Next(2) == 0 ? FlowDirection.ToServer : FlowDirection.ToClient);
        _bytes = random.Next(1, 60_000);
        _seconds = Math.Round(1 + (random.NextDouble() * 4), 1);
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        FaultProxy[] proxies = [.. round.Sinks.Select(sink => round.Stand.SinkToKafka[sink.Place])];
        await BeginAsync(proxies, round, cancellationToken);
        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        foreach (FaultProxy proxy in proxies)
        {
            proxy.Heal();
        }

        await round.StoreMoreAsync(cancellationToken);
    }

    private async Task BeginAsync(FaultProxy[] proxies, Round round, CancellationToken cancellationToken)
    {
        switch (_how)
        {
            case "round trip of 2 s":
                Array.ForEach(proxies, proxy => proxy.SetBoth(new FlowConditions { Delay = TimeSpan.FromSeconds(1) }));
                await round.StoreMoreAsync(cancellationToken);
                break;
            case "cut again and again":
                for (int i = 0; i < 5; i++)
                {
                    Array.ForEach(proxies, proxy => proxy.CutAll());
                    await Task.Delay(round.Random.Next(10, 400), cancellationToken);
                }

                break;
            case "half-close":
                Array.ForEach(proxies, proxy => proxy.HalfCloseAll(_direction));
                break;
            case "black hole":
                // Now and then longer than the group waits for a sign of life.
                Draw("seconds", _seconds);
                Array.ForEach(proxies, proxy => proxy.Set(_direction, new FlowConditions { IsBlackHole = true }));
                await Task.Delay(TimeSpan.FromSeconds(_seconds), cancellationToken);
                break;
            case "refused":
                Array.ForEach(proxies, proxy => proxy.RefusesConnections = true);
                Array.ForEach(proxies, proxy => proxy.CutAll());
                break;
            default:
                Draw("bytes", _bytes);
                Tripwire[] wires = [.. proxies.Select(proxy => proxy.Lay(new Tripwire(_direction, TripPoint.AfterText, _bytes)))];
                await round.UntilAsync(() => Task.FromResult(Array.Exists(wires, wire => wire.Tripped.IsCompleted)), "so many bytes", cancellationToken);
                break;
        }
    }
}
