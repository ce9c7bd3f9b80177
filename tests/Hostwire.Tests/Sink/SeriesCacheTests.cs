using System.Text;
using Hostwire.Otlp;
using Hostwire.Sink;
using static Hostwire.Tests.Sink.OtlpRecord;

namespace Hostwire.Tests.Sink;

public sealed class SeriesCacheTests
{
    private readonly SeriesCache _cache = new(Decoded.Rules);

    [Fact]
    public void One_series_is_one_entry_whatever_the_order_of_attributes_and_the_host()
    {
        byte[] cpu = Attribute("cpu", "0");
        byte[] state = Attribute("state", "user");
        SeriesEntry first = Series([Attribute("host.name", "web-1"), Attribute("os.type", "linux")], cpu, state);
        Assert.Same(first, Series([Attribute("host.name", "web-1"), Attribute("os.type", "linux")], cpu, state));
        Assert.Same(first, Series([Attribute("host.name", "web-1"), Attribute("os.type", "linux")], state, cpu));
        Assert.Same(first, Series([Attribute("cloud.region", "x"), Attribute("host.id", "7")], cpu, state));
        Assert.Same(first, Series([], state, cpu));
        Assert.Equal(1, _cache.Count);
        Assert.Equal("""{"cpu":"0","state":"user"}""", first.AttributesJson);
    }

    [Fact]
    public void Attributes_of_another_type_value_or_scope_make_another_series()
    {
        SeriesEntry[] all =
        [
            Series([], Attribute("cpu", "0")), Series([], Attribute("cpu", Int(0))), Series([], Attribute("cpu", "1")), Series([]),
            Series([Attribute("cpu", "0")]), Series([Attribute("process.pid", Int(1))]), Series([Attribute("process.pid", Int(2))]),
            SeriesOf(Of(Scoped([], "scope", Gauge("m", Point(Decoded.Nanos, 1))))), SeriesOf(Of(Resource([], Gauge("n", Point(Decoded.Nanos, 1))))),
            SeriesOf(Of(Resource([], Sum("m", "", isMonotonic: true, Point(Decoded.Nanos, 1))))), SeriesOf(Of(Resource([], Sum("m", "", isMonotonic: false, Point(Decoded.Nanos, 1))))),
        ];
        Assert.Equal(all.Length, all.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Equal(all.Length, all.Select(series => Convert.ToHexString(series.Identity)).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void The_hosts_attributes_and_those_of_the_drop_list_belong_to_no_series()
    {
        SeriesEntry series = Series(
            [
                Attribute("host.name", "web-1"), Attribute("host.arch", "arm64"), Attribute("os.type", "linux"), Attribute("cloud.region", "x"),
                Attribute("telemetry.sdk.name", "x"), Attribute("process.command_line", "secret"), Attribute("process.command_args", Array(Text("secret"))),
                Attribute("process.pid", Int(7)), Attribute("hostess", "stays"),
            ],
            Attribute("host.name", "of the point"));
        Assert.Equal("""{"host.name":"of the point","hostess":"stays","process.pid":7}""", series.AttributesJson);
    }

    [Theory]
    [InlineData("web-1", "id-1", "key", "instance", "web-1")]
    [InlineData("", "id-1", "key", "instance", "id-1")]
    [InlineData("", "", "key", "instance", "key")]
    [InlineData("", "", "\u0001", "instance", "instance")]
    [InlineData("", "", "", "instance", "instance")]
    [InlineData("", "", "", "", "unknown")]
    public void A_host_is_named_by_the_best_that_there_is(string name, string id, string key, string instance, string expected)
    {
        byte[] record = Of(Resource(
            [Attribute("host.name", name), Attribute("host.id", id), Attribute("service.instance.id", instance)], Gauge("m", Point(Decoded.Nanos, 1))));
        Assert.Equal(expected, Host(record, key).Name);
    }

    [Fact]
    public void A_nameless_resource_is_seen_under_the_key_of_each_record()
    {
        byte[] record = Of(Resource([], Gauge("m", Point(Decoded.Nanos, 1))));
        Assert.Equal(["a", "b", "a"], new[] { "a", "b", "a" }.Select(key => Host(record, key).Name), StringComparer.Ordinal);
        Assert.Same(Host(record, "a"), Host(record, "a"));
    }

    [Fact]
    public void Clones_of_one_name_are_two_hosts_and_one_host_in_any_order_of_attributes_is_one()
    {
        byte[] name = Attribute("host.name", "web-1");
        byte[] first = Attribute("host.id", "1");
        HostEntry host = Host(Of(Resource([name, first], Gauge("m", Point(Decoded.Nanos, 1)))), key: "");
        Assert.Same(host, Host(Of(Resource([first, name, Attribute("os.type", "linux")], Gauge("m", Point(Decoded.Nanos, 1)))), key: "x"));
        Assert.NotSame(host, Host(Of(Resource([name, Attribute("host.id", "2")], Gauge("m", Point(Decoded.Nanos, 1)))), key: ""));
        Assert.NotSame(host, Host(Of(Resource([name], Gauge("m", Point(Decoded.Nanos, 1)))), key: ""));
        Assert.Equal("""{"host.id":"1","host.name":"web-1","os.type":"linux"}""", host.AttributesJson);
    }

    [Fact]
    public void What_is_forgotten_comes_back_as_new_entries_of_the_same_identity()
    {
        SeriesEntry before = Series([], Attribute("cpu", "0"));
        before.Know(7);
        _cache.Clear();
        SeriesEntry after = Series([], Attribute("cpu", "0"));
        Assert.False(after.IsKnown);
        Assert.False(after.Metric.IsKnown);
        Assert.Equal(before.Identity, after.Identity);
    }

    private SeriesEntry Series(byte[][] resource, params byte[][] attributes) => SeriesOf(Of(Resource(resource, Gauge("m", Point(Decoded.Nanos, 1, attributes)))));

    private SeriesEntry SeriesOf(byte[] record)
    {
        DecodedRecord decoded = Decoded.Decode(record);
        ResourceEntry resource = _cache.Resource(record, decoded, decoded.Resources[0]);
        MetricScope metric = _cache.Metric(record, resource, decoded.Metrics[0]);
        return _cache.Series(record, decoded, metric, decoded.Points[0]);
    }

    private HostEntry Host(byte[] record, string key)
    {
        DecodedRecord decoded = Decoded.Decode(record);
        return _cache.Host(_cache.Resource(record, decoded, decoded.Resources[0]), Encoding.UTF8.GetBytes(key));
    }
}
