using BenchmarkDotNet.Attributes;
using Hostwire.EndToEnd;
using Hostwire.EndToEnd.Drain;
using Hostwire.Sink;

namespace Hostwire.Benchmarks;

/// <summary>From records to frames, at the decoder's three speeds. An operation is a point.</summary>
public class DecoderBenchmarks
{
    private const int AgentPoints = 100;
    private const int CollectorPoints = 97;
    private const int Hosts = 100;
    private const int Batch = 100;
    private const int Orders = 4_000;

    // The first orders that a host sends are remembered until others have come again, so these would be known each time round.
    private const int Remembered = 1_000;

    private readonly SeriesCache _cache = new(Points.Rules);
    private readonly SeriesCache _emptied = new(Points.Rules);
    private FrameBatch _batch = null!;
    private FrameBatch _emptiedBatch = null!;
    private RawRecord[] _agent = [];
    private RawRecord[] _collector = [];
    private int _next = Remembered;
    private int _last;
    private long _groups;
    private long _groupsByShape;

    /// <summary>Everything has been seen before; what is decoded is what was sent.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _batch = new FrameBatch(_cache, Points.Rules);
        _emptiedBatch = new FrameBatch(_emptied, Points.Rules);
        (_agent, SentPoint[][] agentSent) = Points.Make(new AgentShape(Hosts, DateTimeOffset.UnixEpoch.AddDays(20_000)), Hosts, Batch);
        (_collector, SentPoint[][] collectorSent) = Points.Make(new CollectorShape(Hosts), Hosts, Orders);
        for (int round = 0; round < 4; round++)
        {
            Points.Decode(_batch, _agent, ref _last);
            Points.Check(_batch, agentSent);
        }

        Require(_batch.GroupsByShape == Batch, "the agents' records are not taken by their shape");
        for (int from = 0; from < Orders; from += Batch)
        {
            Points.Decode(_batch, _collector.AsSpan(from, Batch), ref _last);
            Points.Check(_batch, collectorSent.AsSpan(from, Batch).ToArray());
        }

        NewSeries();
        Points.Check(_emptiedBatch, [agentSent[0]]);
    }

    /// <summary>New orders are new: of a Collector's ten parts only those of so few points that they came in the same order a moment ago may be taken by their shape.</summary>
    [GlobalCleanup(Target = nameof(NewOrder))]
    public void Cleanup() => Require(_groupsByShape < _groups / 3, $"of {_groups} parts of a Collector's records {_groupsByShape} are taken by their shape");

    /// <summary>An agent's records: all but values and times is as it was.</summary>
    [Benchmark(OperationsPerInvoke = Batch * AgentPoints)]
    public int ByShape()
    {
        _batch.Decode(_agent);
        _batch.Arrange();
        Require(_batch.GroupsByShape == Batch, "the agents' records are not taken by their shape");
        return _batch.Values.Count;
    }

    /// <summary>A Collector's records: known series, most of them in an order that this host has not sent lately.</summary>
    [Benchmark(OperationsPerInvoke = Batch * CollectorPoints)]
    public int NewOrder()
    {
        _batch.Decode(_collector.AsSpan(_next, Batch));
        _batch.Arrange();
        _groups += _batch.Frames.Count;
        _groupsByShape += _batch.GroupsByShape;
        _next = _next + Batch == Orders ? Remembered : _next + Batch;
        return _batch.Values.Count;
    }

    /// <summary>A record of which nothing is known: every series is read, identified and numbered (numbers come from here, not from a database).</summary>
    [Benchmark(OperationsPerInvoke = AgentPoints)]
    public int NewSeries()
    {
        _emptied.Clear();
        int last = 0;
        Points.Decode(_emptiedBatch, _agent.AsSpan(0, 1), ref last);
        return _emptiedBatch.Values.Count;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new BenchFailedException(otherwise);
        }
    }
}
