using Hostwire.Agent;
using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class AgentCollectorTests
{
    private readonly AgentCounters _counters = new();
    private readonly ICollector _collector;

    public AgentCollectorTests() => _collector = AgentCollector.Definition.Create(
        new CollectorSetup(new HostPaths()) { Self = [.. AgentMetrics.All.Concat(AgentMetrics.Parts).Select(metric => metric.Of(_counters))] });

    [Fact]
    public void Every_metric_it_lists_is_yielded_with_the_agents_figures()
    {
        _counters.CountScrape(points: 7);
        _counters.CountDropped(DropReason.Refused, 2);
        _counters.Collector("cpu").Set(TimeSpan.FromMilliseconds(1.5), worked: true);
        _counters.Collector("disk").Set(TimeSpan.FromSeconds(1), worked: false);
        _counters.CountAcknowledged(bytes: 100);
        _counters.CountAcknowledgement(TimeSpan.FromSeconds(0.25));
        _counters.SetQueueLimit(4096);

        Dictionary<string, double> values = Reading.Of(_collector);
        Assert.Equal(1, values["hostwire.agent.scrapes"]);
        Assert.Equal(7, values["hostwire.agent.points"]);
        Assert.Equal(2, values["hostwire.agent.records.dropped{reason=refused}"]);
        Assert.Equal(0, values["hostwire.agent.records.dropped{reason=queue_full}"]);
        Assert.Equal(0.0015, values["hostwire.agent.collector.duration{collector=cpu}"]);
        Assert.Equal(1, values["hostwire.agent.collector.success{collector=cpu}"]);
        Assert.Equal(0, values["hostwire.agent.collector.success{collector=disk}"]);
        Assert.Equal(1, values["hostwire.agent.acknowledgement.duration.count"]);
        Assert.Equal(0.25, values["hostwire.agent.acknowledgement.duration.sum"]);
        Assert.Equal(4096, values["hostwire.agent.queue.limit"]);
        Assert.Equal(0, values["hostwire.agent.kafka.errors{kind=topic_missing}"]);
        Assert.InRange(values["hostwire.agent.memory.usage"], 1_000_000, 1e12);
        Assert.InRange(values["hostwire.agent.cpu.time"], 0, 1e6);
        Assert.Equal(
            AgentCollector.Definition.Metrics.Select(metric => metric.Name).Where(name => name is not "hostwire.agent.certificate.expiry").Order(StringComparer.Ordinal),
            values.Keys.Select(series => series.Split('{')[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nothing_is_allocated_once_it_has_read_every_figure()
    {
        _counters.Collector("cpu").Set(TimeSpan.FromSeconds(1), worked: true);
        Reading.AssertAllocatesNothing(_collector);
    }

    [Theory]
    [InlineData("8012 7411 5120 310 0 2031 0\n", 7411L)]
    [InlineData("8012 7411", null)]
    [InlineData("8012", null)]
    [InlineData("", null)]
    [InlineData("8012 x 1", null)]
    public void Resident_pages_are_the_second_number(string content, long? pages)
    {
        bool parsed = AgentCollector.TryParseResidentPages(System.Text.Encoding.ASCII.GetBytes(content), out long actual);
        Assert.Equal(pages is not null, parsed);
        Assert.Equal(pages ?? 0, actual);
    }
}
