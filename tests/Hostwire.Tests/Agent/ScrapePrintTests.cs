using System.Text.Json;
using Hostwire.Agent;
using Hostwire.Metrics;

namespace Hostwire.Tests.Agent;

public sealed class ScrapePrintTests
{
    private static readonly HostIdentity Host = new("web-1", "0123456789abcdef");

    private static readonly Metric Load = Make("system.cpu.load_average.1m", "{thread}", MetricKind.Gauge, isInteger: false);
    private static readonly Metric CpuTime = Make("system.cpu.time", "s", MetricKind.Counter, isInteger: false, "cpu", "state");
    private static readonly Metric Usage = Make("system.filesystem.usage", "By", MetricKind.UpDown, isInteger: true, "mountpoint");

    [Fact]
    public void Table_is_aligned_and_shows_values_as_they_are_stored()
    {
        var output = new StringWriter { NewLine = "\n" };
        ScrapeTable.Write(output, Host, Scrape());
        Assert.Equal(
            """
            web-1 (id 0123456789abcdef): 4 values, read at 2026-11-23T12:00:10.123456Z

            METRIC                      ATTRIBUTES                VALUE  UNIT      KIND
            system.cpu.load_average.1m                              0.2  {thread}  gauge
            system.cpu.time             cpu=cpu0 state=user   123456.78  s         counter
            system.filesystem.usage     mountpoint=/         9876543210  By        up-down
            system.filesystem.usage     mountpoint=/a "b" ü           0  By        up-down

            """,
            output.ToString());
    }

    [Fact]
    public void Name_that_would_move_the_cursor_or_end_the_line_is_escaped()
    {
        var output = new StringWriter { NewLine = "\n" };
        var scrape = new Scrape();
        scrape.BeginGroup(1);
        scrape.Add(new Series(Usage, "/media/\u001b[2J\nx\u202e"), 1);
        ScrapeTable.Write(output, Host with { Name = "h\u0007" }, scrape.Points);
        Assert.Contains("""mountpoint=/media/\u001b[2J\nx\u202e""", output.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("""h\u0007 """, output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Table_of_nothing_says_so()
    {
        var output = new StringWriter { NewLine = "\n" };
        ScrapeTable.Write(output, new HostIdentity("web-1", null), []);
        Assert.StartsWith("web-1 (without id): 0 values\n", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Attributes_of_the_host_stand_beside_its_name()
    {
        HostIdentity host = Host with { Attributes = [new("host.env", "prod"), new("host.role", "db")] };
        var table = new StringWriter { NewLine = "\n" };
        ScrapeTable.Write(table, host, []);
        Assert.StartsWith("web-1 (id 0123456789abcdef, host.env=prod, host.role=db): 0 values\n", table.ToString(), StringComparison.Ordinal);
        var json = new StringWriter();
        ScrapeJson.Write(json, host, []);
        Assert.Contains("""{"name":"web-1","id":"0123456789abcdef","attributes":{"host.env":"prod","host.role":"db"}}""", json.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_one_object_with_a_point_on_each_line()
    {
        var output = new StringWriter();
        ScrapeJson.Write(output, Host, Scrape());
        string json = output.ToString();
        Assert.Equal(
            """
            {"host":{"name":"web-1","id":"0123456789abcdef","attributes":{}},"points":[
            {"metric":"system.cpu.load_average.1m","unit":"{thread}","kind":"gauge","attributes":{},"time":"2026-11-23T12:00:10.123456Z","value":0.2},
            {"metric":"system.cpu.time","unit":"s","kind":"counter","attributes":{"cpu":"cpu0","state":"user"},"time":"2026-11-23T12:00:10.123456Z","value":123456.78},
            {"metric":"system.filesystem.usage","unit":"By","kind":"up-down","attributes":{"mountpoint":"/"},"time":"2026-11-23T12:00:10.123457Z","value":9876543210},
            {"metric":"system.filesystem.usage","unit":"By","kind":"up-down","attributes":{"mountpoint":"/a \"b\" ü"},"time":"2026-11-23T12:00:10.123457Z","value":0}
            ]}

            """,
            json);
        Assert.Equal(4, JsonDocument.Parse(json).RootElement.GetProperty("points").GetArrayLength());
    }

    [Fact]
    public void Json_has_strings_for_what_is_no_number_and_null_for_an_absent_id()
    {
        var scrape = new Scrape();
        scrape.BeginGroup(1000);
        scrape.Add(new Series(Load), double.NaN);
        scrape.Add(new Series(Load), double.NegativeInfinity);
        var output = new StringWriter();
        ScrapeJson.Write(output, new HostIdentity("web-1", null), scrape.Points);
        JsonElement root = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.Equal(JsonValueKind.Null, root.GetProperty("host").GetProperty("id").ValueKind);
        Assert.Equal(["NaN", "-Infinity"], root.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("value").GetString()!).ToArray());
    }

    private static ReadOnlySpan<ScrapePoint> Scrape()
    {
        long time = (new DateTimeOffset(2026, 11, 23, 12, 0, 10, TimeSpan.Zero).ToUnixTimeMilliseconds() * 1_000_000) + 123_456_000;
        var scrape = new Scrape();
        scrape.BeginGroup(time);
        scrape.Add(new Series(Load), 0.2);
        scrape.Add(new Series(CpuTime, "cpu0", "user"), 123456.78);
        scrape.BeginGroup(time + 1000);
        scrape.Add(new Series(Usage, "/"), 9876543210L);
        scrape.Add(new Series(Usage, "/a \"b\" ü"), 0L);
        return scrape.Points;
    }

    private static Metric Make(string name, string unit, MetricKind kind, bool isInteger, params string[] keys) => new()
    {
        Name = name,
        Unit = unit,
        Kind = kind,
        IsInteger = isInteger,
        Description = name,
        Source = "the test",
        AttributeKeys = keys,
    };
}
