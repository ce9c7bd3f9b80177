using System.Text;
using Hostwire.Metrics;
using Hostwire.Simulation.Ledger;

namespace Hostwire.Tests.Simulation;

/// <summary>What ledgers stand on. The digests must stay as they are: ledgers that were written refer to them.</summary>
public sealed class DigestTests
{
    private static readonly byte[][] Names =
    [
        SeriesDigest.Of("system.cpu.time", "s", "counter", "cumulative", "hostwire", """{"cpu": "cpu0", "state": "user"}"""),
        SeriesDigest.Of("system.cpu.load_average.1m", "{thread}", "gauge", "", "hostwire", "{}"),
        SeriesDigest.Of("system.cpu.time", "s", "counter", "cumulative", "hostwire", """{"cpu": "cpu0", "state": "idle"}"""),
    ];

    [Fact]
    public void The_digest_of_a_frame_is_frozen() =>
        Assert.Equal("d4c66ee465ad9959f6488d6f7b995509", Digest(Names, 12345.67, 0.5, 1e9).ToString());

    [Fact]
    public void The_order_of_the_points_does_not_matter_and_every_name_and_value_does()
    {
        FrameDigest digest = Digest(Names, 1, 2, 3);

        Assert.Equal(digest, Digest([Names[2], Names[0], Names[1]], 3, 1, 2));
        Assert.NotEqual(digest, Digest(Names, 1, 3, 2));
        Assert.NotEqual(digest, Digest(Names, 1, 2, Math.BitIncrement(3.0)));
        Assert.NotEqual(digest, Digest(Names[..2], 1, 2));
        Assert.NotEqual(Digest(Names, 0.0, 2, 3), Digest(Names, -0.0, 2, 3));
        Assert.NotEqual(digest, Digest([SeriesDigest.Of("system.cpu.time", "s", "counter", "delta", "hostwire", """{"cpu": "cpu0", "state": "user"}"""), .. Names[1..]], 1, 2, 3));
    }

    [Fact]
    public void A_series_of_ours_has_the_digest_of_what_the_database_says_of_it()
    {
        var metric = new Metric { Name = "system.cpu.time", Unit = "s", Kind = MetricKind.Counter, IsInteger = false, Description = "", Source = "", AttributeKeys = ["state", "cpu"] };

        Assert.Equal(Names[0], SeriesDigest.Of(new Series(metric, "user", "cpu0")));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"a": "1", "z": "2", "aa": "3"}""", "aa", "3", "z", "2", "a", "1")]
    [InlineData("""{"ä": "1", "zzz": "2"}""", "zzz", "2", "ä", "1")]
    [InlineData("""{"k": "\"\\\b\f\n\r\t\u0001é€"}""", "k", "\"\\\b\f\n\r\t\u0001é€")]
    public void Attributes_are_written_as_PostgreSQL_prints_them(string expected, params string[] pairs) =>
        Assert.Equal(expected, SeriesDigest.JsonbText([.. pairs.Where((_, place) => place % 2 == 0)], [.. pairs.Where((_, place) => place % 2 == 1)]));

    [Fact]
    public void A_digest_reads_back_what_it_prints()
    {
        FrameDigest digest = Digest(Names, 1, 2, 3);

        Assert.True(FrameDigest.TryParse(digest.ToString(), out FrameDigest read));
        Assert.Equal(digest, read);
        Assert.False(FrameDigest.TryParse("12", out _));
        Assert.False(FrameDigest.TryParse(new string('x', 32), out _));
        Assert.False(FrameDigest.TryParse(null, out _));
        Assert.Equal(32, Encoding.UTF8.GetByteCount(new FrameDigest(1).ToString()));
    }

    private static FrameDigest Digest(byte[][] names, params double[] values)
    {
        var plan = new FramePlan(names);
        return plan.Hash(values, new byte[plan.RoomBytes]);
    }
}
