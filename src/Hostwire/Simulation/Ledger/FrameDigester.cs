using Hostwire.Metrics;
using Hostwire.Simulation.Hosts;

namespace Hostwire.Simulation.Ledger;

/// <summary>Makes the ledger's digests of scrapes. What it has worked out for the series of a shape it keeps; only hosts whose series come and go cost a sort each time.</summary>
internal sealed class FrameDigester
{
    private readonly Dictionary<(ShapeKit Kit, FrameKind Kind), FramePlan> _plans = [];
    private double[] _values = [];
    private byte[] _room = [];

    /// <summary>The frame that a group of a host's scrape becomes.</summary>
    public LedgerFrame FrameOf(SimulatedHost host, in FrameGroup group, Scrape scrape)
    {
        ReadOnlySpan<ScrapePoint> points = scrape.Points.Slice(group.Start, group.Count);
        FramePlan plan = PlanOf(host, group, points);
        if (_values.Length < points.Length)
        {
            _values = new double[2 * points.Length];
            _room = new byte[2 * plan.RoomBytes];
        }

        for (int index = 0; index < points.Length; index++)
        {
            _values[index] = points[index].Double;
        }

        return new LedgerFrame(points[0].TimeUnixNano / 1000, points.Length, plan.Hash(_values.AsSpan(0, points.Length), _room));
    }

    private FramePlan PlanOf(SimulatedHost host, in FrameGroup group, ReadOnlySpan<ScrapePoint> points)
    {
        if (host.IsChanging && group.Kind != FrameKind.Slow)
        {
            return NewPlan(points);
        }

        if (!_plans.TryGetValue((host.Kit, group.Kind), out FramePlan? plan))
        {
            plan = NewPlan(points);
            _plans.Add((host.Kit, group.Kind), plan);
        }

        return plan;
    }

    private static FramePlan NewPlan(ReadOnlySpan<ScrapePoint> points)
    {
        byte[][] digests = new byte[points.Length][];
        for (int index = 0; index < digests.Length; index++)
        {
            digests[index] = SeriesDigest.Of(points[index].Series);
        }

        return new FramePlan(digests);
    }
}
