using Hostwire.Metrics;
using Hostwire.Otlp;
using Hostwire.Sink;
using static Hostwire.Tests.Sink.OtlpRecord;

namespace Hostwire.Tests.Sink;

/// <summary>
/// Golden values, computed by another program from the encodings' description. They are frozen: every database in the world holds such identities, and
/// a change would store the same series, host or layout a second time.
/// </summary>
public sealed class IdentityTests
{
    private static byte[] Metric => Identity.OfMetric("system.cpu.time"u8, "s"u8, MetricKind.Counter, Temporality.Cumulative);

    private static byte[] Series => Identity.OfSeries(
        Metric,
        "scope"u8,
        Decoded.Attributes(Attribute("process.pid", Int(7))),
        Decoded.Attributes(
            Attribute("cpu", "0"), Attribute("busy", Bool(true)), Attribute("n", Int(1)), Attribute("x", Double(1)), Attribute("raw", Bytes(0, 255)),
            Attribute("list", Array(Text("a"), Int(1))), Attribute("map", Map(Attribute("b", Int(1)), Attribute("a", Empty)))));

    private static byte[] PlainSeries => Identity.OfSeries(Metric, ""u8, new AttributeSet(), new AttributeSet());

    [Theory]
    [InlineData(null, "46908f6fc5d76782c5287178f04c66e16707afa30dc4e3ffe4784d0df1bf03cb")]
    [InlineData("", "781fc30fd855dfa1e2ab42093124b2c144f45a2620f690dd110a853a091d6351")]
    [InlineData("0af7", "9efafae42460fa4b78d436a01c0b5d9423b7f6aaca690000e4d1c3a89c3dd164")]
    public void A_hosts_identity_never_changes(string? id, string expected) => AssertIs(expected, Identity.OfHost("web-1", id));

    [Fact]
    public void A_metrics_identity_never_changes() => AssertIs("9d351fa9a7b8a6a721b1990cc5ca787434a26721078b7f491f2183923b8e05b2", Metric);

    [Fact]
    public void A_series_identity_never_changes()
    {
        AssertIs("b51fa9e951dea70a3a39994fd5d582f744e5aa23b23c768efa23c6bdfd39d498", Series);
        AssertIs("b4460d330fa8b86a0a09c1a23dfb71c960034b60bd60c76470423a9d48ce7207", PlainSeries);
    }

    [Fact]
    public void A_layouts_identity_never_changes_and_is_that_of_a_sequence()
    {
        AssertIs("a1401052defbbd09048149267dbf3de7980bcc3128815e247d318d6070638320", Identity.OfLayout([Series, PlainSeries]));
        AssertIs("9c0de4f5fa5906de91e388e2fa7ef6d0fb940182143a521094c68bbe4366a132", Identity.OfLayout([PlainSeries, Series]));
    }

    [Fact]
    public void The_identities_of_a_histograms_parts_never_change()
    {
        byte[] histogram = Identity.OfDistribution("http.server.duration"u8, "s"u8, MetricDataKind.Histogram, Temporality.Cumulative);
        AssertIs("e4a43ae3293dbc5f0a6b3e624a973e167f1b4aece37e620a9ffbf1a4288a511c", histogram);
        AssertIs("4ee35bda2d7a323c74d7d66d9d9eb62dcafcf81c83ceebba7b4b8f8d6c4ee1d2", Identity.OfPartMetric(histogram, DistributionPart.Bucket));
        byte[] series = Identity.OfSeries(histogram, "scope"u8, new AttributeSet(), new AttributeSet());
        AssertIs("4af6b201fa2b1cdd3186bce31e23fb485efa98c0abd4da94f4c0921f564371b2", series);
        AssertIs(
            "945fc9b41b40b3ee1c07bb51edb46e8c7b21cf206fa17bd40ec2304732c3310e",
            Identity.OfPartSeries(series, DistributionPart.Bucket, BitConverter.DoubleToInt64Bits(0.25)));
    }

    [Fact]
    public void Each_part_of_a_metric_counts()
    {
        byte[][] all =
        [
            Metric,
            Identity.OfMetric("system.cpu.tim"u8, "es"u8, MetricKind.Counter, Temporality.Cumulative),
            Identity.OfMetric("system.cpu.time"u8, "ms"u8, MetricKind.Counter, Temporality.Cumulative),
            Identity.OfMetric("system.cpu.time"u8, "s"u8, MetricKind.UpDown, Temporality.Cumulative),
            Identity.OfMetric("system.cpu.time"u8, "s"u8, MetricKind.Counter, Temporality.Delta),
        ];
        Assert.Equal(all.Length, all.Select(Convert.ToHexString).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void An_attribute_of_the_resource_is_another_series_than_the_same_of_the_point()
    {
        AttributeSet set = Decoded.Attributes(Attribute("device", "sda"));
        Assert.NotEqual(Identity.OfSeries(Metric, ""u8, set, new AttributeSet()), Identity.OfSeries(Metric, ""u8, new AttributeSet(), set));
    }

    private static void AssertIs(string expected, byte[] identity) => Assert.Equal(expected, Convert.ToHexStringLower(identity));
}
