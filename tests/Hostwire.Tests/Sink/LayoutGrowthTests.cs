using System.Globalization;
using Hostwire.Agent;
using Hostwire.Collectors;
using Hostwire.Configuration;
using Hostwire.Metrics;
using Hostwire.Otlp;
using Hostwire.Sink;
using Hostwire.Tests.Collectors;

namespace Hostwire.Tests.Sink;

/// <summary>What a host whose devices come and go adds to the dictionary: from the files of the kernel through the wire to the layouts.</summary>
public sealed class LayoutGrowthTests : IDisposable
{
    private const string Headings = "Inter-|   Receive  |  Transmit\n face |bytes    packets |bytes    packets\n";
    private const int Interfaces = 300;

    private readonly TemporaryHost _host = new();
    private readonly FrameBatch _batch = new(new SeriesCache(Decoded.Rules), Decoded.Rules);
    private readonly OtlpEncoder _encoder = new(new HostIdentity("web-1", "0123"), 1, "0");
    private int _lastNumber;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Three_hundred_interfaces_of_containers_that_come_and_go_add_no_layout() => Assert.Equal(1, CountLayouts(new AgentOptions()));

    [Fact]
    public void Without_the_filter_each_of_them_makes_a_layout_of_its_own() =>
        Assert.Equal(1 + Interfaces, CountLayouts(new AgentOptions { ExcludeInterfaces = [] }));

    [Fact]
    public void Programs_whose_processes_and_ranks_change_with_every_scrape_make_one_layout_for_each_name()
    {
        const int names = 12;
        var collector = new TopCollector(new CollectorSetup(_host.Paths) { TopProcesses = 3 });
        var random = new Random(1);
        var scrape = new Scrape();
        var layouts = new HashSet<string>(StringComparer.Ordinal);
        var tops = new HashSet<string>(StringComparer.Ordinal);
        for (int round = 0; round < 200; round++)
        {
            _host.Write("proc/stat", string.Create(CultureInfo.InvariantCulture, $"cpu  {1000 * round} 0 0 0 0 0 0 0 0 0\n"));
            for (int name = 0; name < names; name++)
            {
                // Each process is a new one, in the place of that of the round before.
                int pid = 100 + name + (names * round);
                if (round > 0)
                {
                    Directory.Delete(string.Create(CultureInfo.InvariantCulture, $"{_host.Folder}/proc/{pid - names}"), recursive: true);
                }

                _host.Write(
                    string.Create(CultureInfo.InvariantCulture, $"proc/{pid}/stat"),
                    string.Create(CultureInfo.InvariantCulture, $"{pid} (program-{name}) S 1 1 1 0 -1 0 0 0 0 0 {random.Next(1, 100)} 0 0 0 20 0 1 0 {round} 0 {random.Next(1, 100)} 0\n"));
            }

            scrape.Clear();
            scrape.BeginGroup(1_000_000L * (round + 1));
            collector.Collect(scrape);
            if (scrape.Count > 0)
            {
                Store(_encoder.Encode(scrape.Points).ToArray());
                layouts.UnionWith(_batch.Frames.Select(frame => Convert.ToHexString(frame.Layout.Identity)));
                tops.Add(string.Join(' ', scrape.Points.ToArray().Select(point => point.Series.Subject!.Values[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)));
            }
        }

        Assert.Equal(names, layouts.Count);
        Assert.True(tops.Count > 100, $"There were only {tops.Count} sets of programs: this proves nothing.");
    }

    private int CountLayouts(AgentOptions options)
    {
        _host.Write("proc/stat", "btime 1\n");
        AgentOptions network = options with
        {
            Procfs = _host.Paths.Procfs,
            Collectors = CollectorCatalogue.All.ToDictionary(
                definition => definition.Name, definition => new CollectorOptions { Enabled = definition.Name is "network" }, StringComparer.Ordinal),
        };
        ICollector collector = CollectorPlan.Make(CollectorCatalogue.All, network, new HostIdentity("web-1", "0123"), self: []).Single().Slots.Single().Collector;
        var scrape = new Scrape();
        var layouts = new HashSet<string>(StringComparer.Ordinal);
        for (int round = 0; round <= Interfaces; round++)
        {
            // One container starts and the one before it ends; the first round has none.
            string container = round == 0 ? "" : Line(string.Create(CultureInfo.InvariantCulture, $"veth{round:x8}"));
            _host.Write("proc/net/dev", Headings + Line("lo") + Line("eth0") + container + Line("docker0"));
            scrape.Clear();
            scrape.BeginGroup(1_000_000L * (round + 1));
            collector.Collect(scrape);
            Store(_encoder.Encode(scrape.Points).ToArray());
            layouts.UnionWith(_batch.Frames.Select(frame => Convert.ToHexString(frame.Layout.Identity)));
        }

        return layouts.Count;
    }

    private static string Line(string name) => $"{name}: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n";

    private void Store(byte[] record)
    {
        _batch.Decode([Decoded.Raw(record)]);
        Assert.Empty(_batch.DeadLetters);
        Number();
        _batch.Arrange();
        Number();
    }

    private void Number()
    {
        foreach (DictionaryEntry entry in _batch.Unknown)
        {
            entry.Know(++_lastNumber);
        }
    }
}
