using BenchmarkDotNet.Attributes;
using Hostwire.EndToEnd;
using Hostwire.Metrics;
using Hostwire.Otlp;
using Hostwire.Simulation.Hosts;
using Hostwire.Sink;
using FrameGroup = Hostwire.Simulation.Hosts.FrameGroup;

namespace Hostwire.Benchmarks;

/// <summary>From a scrape to the bytes of a record. An operation is a point.</summary>
public class EncoderBenchmarks
{
    private const int Count = 100;

    private readonly OtlpEncoder _encoder = new("1.0.0");
    private readonly Scrape _scrape = new();
    private OtlpSource _source = null!;

    /// <summary>A small virtual machine; what its record is decoded to is what was scraped.</summary>
    [GlobalSetup]
    public void Setup()
    {
        DateTimeOffset start = DateTimeOffset.UnixEpoch.AddDays(20_000);
        var request = new FleetRequest { Hosts = 1, Start = start, RebootEvery = Timeout.InfiniteTimeSpan };
        var host = new SimulatedHost(new ShapeKit(HostShapes.All.First(shape => shape.Name == "vm"), new SeriesBook()), request, 0);
        host.TryScrape((start - DateTimeOffset.UnixEpoch).Ticks, slowIsDue: false, _scrape, new List<FrameGroup>());
        _source = host.Source;
        ReadOnlyMemory<byte> record = _encoder.Encode(_source, _scrape.Points[..Count]);
        var decoded = new DecodedRecord();
        if (!OtlpDecoder.TryDecode(record.Span, decoded).IsOk || decoded.Points.Length != Count)
        {
            throw new BenchFailedException("the record that was encoded cannot be decoded");
        }

        double[] scraped = [.. _scrape.Points[..Count].ToArray().Select(point => point.Double).Order()];
        double[] read = [.. decoded.Points.ToArray().Select(point => point.Value).Order()];
        if (!scraped.AsSpan().SequenceEqual(read))
        {
            throw new BenchFailedException("the record holds other values than the scrape");
        }
    }

    /// <summary>Encodes it.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public int Encode() => _encoder.Encode(_source, _scrape.Points[..Count]).Length;
}
