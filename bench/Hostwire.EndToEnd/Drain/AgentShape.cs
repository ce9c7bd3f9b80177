using System.Text;
using System.Text.Json;
using Hostwire.Metrics;
using Hostwire.Otlp;
using Hostwire.Simulation.Hosts;
using FrameGroup = Hostwire.Simulation.Hosts.FrameGroup;

namespace Hostwire.EndToEnd.Drain;

/// <summary>Records of our agents: 100 points of a small virtual machine under one time, in the order in which the collectors yield them.</summary>
internal sealed class AgentShape : IRecordShape
{
    private const int Points = 100;

    private readonly SimulatedHost[] _hosts;
    private readonly OtlpEncoder _encoder = new("1.0.0");
    private readonly Scrape _scrape = new();
    private readonly List<FrameGroup> _groups = [];

    public AgentShape(int hosts, DateTimeOffset start)
    {
        HostShape vm = HostShapes.All.First(shape => shape.Name == "vm");
        var kit = new ShapeKit(vm, new SeriesBook());
        var request = new FleetRequest { Hosts = hosts, Prefix = "bench", Start = start, RebootEvery = Timeout.InfiniteTimeSpan };
        _hosts = [.. Enumerable.Range(0, hosts).Select(number => new SimulatedHost(kit, request, number))];
        var probe = new SimulatedHost(kit, request, hosts);
        probe.TryScrape((start - DateTimeOffset.UnixEpoch).Ticks, slowIsDue: false, _scrape, _groups);
        Series = [.. _scrape.Points[..Points].ToArray().Select(point => NameOf(point.Series))];
    }

    public string Description => "our agents' records: 100 points, one time";

    public IReadOnlyList<SeriesName> Series { get; }

    public int Groups => 1;

    public string HostName(int host) => _hosts[host].Identity.Name;

    public byte[] Key(int host) => Encoding.UTF8.GetBytes(HostName(host));

    public ReadOnlyMemory<byte> Next(int host, long tickMicros, List<SentPoint> points)
    {
        SimulatedHost source = _hosts[host];
        source.TryScrape(tickMicros * TimeSpan.TicksPerMicrosecond, slowIsDue: false, _scrape, _groups);
        ReadOnlySpan<ScrapePoint> taken = _scrape.Points[..Points];
        points.Clear();
        for (int index = 0; index < Points; index++)
        {
            points.Add(new SentPoint(index, Group: 0, taken[index].TimeUnixNano / TimeSpan.NanosecondsPerTick / TimeSpan.TicksPerMicrosecond, taken[index].Double));
        }

        return _encoder.Encode(source.Source, taken);
    }

    private static SeriesName NameOf(Series series)
    {
        string attributes = string.Join(',', series.Attributes.Select(pair => $"\"{JsonEncodedText.Encode(pair.Key)}\":\"{JsonEncodedText.Encode(pair.Value)}\""));
        return new SeriesName(series.Metric.Name, $"{{{attributes}}}");
    }
}
