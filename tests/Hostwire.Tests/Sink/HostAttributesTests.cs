using Hostwire.Agent;
using Hostwire.Configuration;
using Hostwire.Metrics;
using Hostwire.Otlp;
using Hostwire.Sink;

namespace Hostwire.Tests.Sink;

/// <summary>Attributes that a user gives a host: from the settings through the wire to where they are kept.</summary>
public sealed class HostAttributesTests
{
    private static readonly Metric Load = new()
    {
        Name = "system.cpu.load_average.1m",
        Unit = "{thread}",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = "For a test.",
        Source = "nowhere",
    };

    private readonly FrameBatch _batch = new(new SeriesCache(Decoded.Rules), Decoded.Rules);
    private int _lastNumber;

    [Fact]
    public void They_stand_with_the_host_and_change_neither_its_identity_nor_its_layouts()
    {
        Frame without = Store([]);
        string identity = Convert.ToHexString(without.Host.Identity);
        Assert.Equal("""{"host.id":"0123","host.name":"web-1","os.type":"linux"}""", without.Host.AttributesJson);

        Frame with = Store(new(StringComparer.Ordinal) { ["env"] = "prod", ["role"] = "db", ["cloud.region"] = "eu-west-1" });
        Assert.Same(without.Layout, with.Layout);
        Assert.Equal(identity, Convert.ToHexString(with.Host.Identity));
        Assert.Equal("""{"cloud.region":"eu-west-1","host.env":"prod","host.id":"0123","host.name":"web-1","host.role":"db","os.type":"linux"}""", with.Host.AttributesJson);
    }

    [Fact]
    public void A_host_whose_attributes_changed_is_among_the_changed_ones_of_the_batch_and_only_then()
    {
        Store([]).Host.AttributesStored(updatedAt: null);
        Store([]);
        Assert.Empty(_batch.ChangedHosts);
        Frame changed = Store(new(StringComparer.Ordinal) { ["env"] = "prod" });
        Assert.Same(changed.Host, Assert.Single(_batch.ChangedHosts));
    }

    private Frame Store(Dictionary<string, string> attributes)
    {
        HostIdentity host = HostIdentityReader.Read(new AgentOptions { HostName = "web-1", HostId = "0123", Attributes = attributes });
        var scrape = new Scrape();
        scrape.BeginGroup(1_000);
        scrape.Add(new Series(Load), 0.5);
        _batch.Decode([Decoded.Raw(new OtlpEncoder(host, 1, "0").Encode(scrape.Points).ToArray())]);
        Number();
        _batch.Arrange();
        Number();
        return _batch.Frames.Single();
    }

    private void Number()
    {
        foreach (DictionaryEntry entry in _batch.Unknown)
        {
            entry.Know(++_lastNumber);
        }
    }
}
