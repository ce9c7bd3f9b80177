using Hostwire.Sink;

namespace Hostwire.Tests.Sink;

public sealed class FrameRulesTests
{
    [Fact]
    public void The_setting_is_read()
    {
        FrameRules rules = FrameRules.Parse("""{"version": 1, "layout_max_series": 240, "drop_attributes": ["telemetry.*", "process.command_line"]}""");
        Assert.Equal(240, rules.LayoutMaxSeries);
        Assert.Equal(["telemetry.*", "process.command_line"], rules.DropAttributes);
    }

    [Theory]
    [InlineData("""{"version": 2, "layout_max_series": 240, "drop_attributes": []}""")]
    [InlineData("""{"version": 1, "layout_max_series": 241, "drop_attributes": []}""")]
    [InlineData("""{"version": 1, "layout_max_series": 0, "drop_attributes": []}""")]
    [InlineData("""{"version": 1, "layout_max_series": 240, "drop_attributes": "all"}""")]
    [InlineData("""{"version": 1, "layout_max_series": 2.5, "drop_attributes": []}""")]
    [InlineData("""{"version": 1, "layout_max_series": 240, "drop_attributes": [], "host_attributes": "all"}""")]
    [InlineData("""{"version": 1, "layout_max_series": 240, "drop_attributes": [null]}""")]
    [InlineData("""{"version": 1}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void A_setting_that_another_program_wrote_is_refused(string json) => Assert.Throws<InvalidDataException>(() => FrameRules.Parse(json));

    [Theory]
    [InlineData("telemetry.sdk.name", true)]
    [InlineData("telemetry.", true)]
    [InlineData("telemetry", false)]
    [InlineData("process.command_line", true)]
    [InlineData("process.command_line.x", false)]
    [InlineData("process.pid", false)]
    [InlineData("Telemetry.x", false)]
    public void A_star_at_the_end_drops_by_prefix_and_everything_else_by_its_whole_name(string key, bool drops) =>
        Assert.Equal(drops, Decoded.Rules.Drops(key));

    [Theory]
    [InlineData("host.name", true)]
    [InlineData("os.type", true)]
    [InlineData("cloud.region", true)]
    [InlineData("host", false)]
    [InlineData("osx.version", false)]
    [InlineData("service.name", false)]
    public void What_describes_the_machine_belongs_to_the_host(string key, bool isOfHost) => Assert.Equal(isOfHost, Decoded.Rules.IsOfHost(key));

    [Theory]
    [InlineData("deployment.environment.name", true)]
    [InlineData("deployment.", true)]
    [InlineData("k8s.node.name", true)]
    [InlineData("k8s.node.name.x", false)]
    [InlineData("service.name", false)]
    [InlineData("host.name", true)]
    public void The_setting_may_list_more_that_describes_the_machine(string key, bool isOfHost) =>
        Assert.Equal(isOfHost, FrameRules.Parse("""{"version": 1, "layout_max_series": 240, "host_attributes": ["deployment.*", "k8s.node.name"], "drop_attributes": []}""").IsOfHost(key));
}
