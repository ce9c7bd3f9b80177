using Hostwire.Kafka;
using Hostwire.Sink;
using Hostwire.Store;

namespace Hostwire.Tests.Sink;

public sealed class ClaimStoreTests
{
    /// <summary>Stored: cluster, topic id, next offset. The brokers: cluster, topic id, earliest, latest. Then where to read on, and the gap's topic id, from and to.</summary>
    [Theory]
    [InlineData("c", "t", 5, "c", "t", 0, 9, 5, null, 0, null)]
    [InlineData("c", "t", 0, "c", "t", 0, 0, 0, null, 0, null)]
    [InlineData("c", "t", 9, "c", "t", 0, 9, 9, null, 0, null)]
    [InlineData("c", "t", 5, "c", "t", 5, 9, 5, null, 0, null)]
    [InlineData("c", "t", 5, "c", "t", 7, 9, 7, "t", 5, 7L)]
    [InlineData("c", "t", 5, "c", "t", 9, 9, 9, "t", 5, 9L)]
    [InlineData("c", "t", 5, "c", "t", 2, 3, 2, "t", 3, 5L)]
    [InlineData("c", "t", 5, "c", "u", 0, 9, 0, "t", 5, null)]
    [InlineData("c", "t", 5, "c", "u", 3, 3, 3, "t", 5, null)]
    [InlineData("c", "t", 0, "c", "u", 0, 0, 0, "t", 0, null)]
    [InlineData("c", "t", 5, "d", "t", 0, 9, 5, null, 0, null)]
    [InlineData("c", "", 5, "c", "", 0, 9, 5, null, 0, null)]
    [InlineData("c", "", 5, "d", "", 0, 9, 0, "", 5, null)]
    [InlineData("c", "t", 5, "c", "", 0, 9, 5, null, 0, null)]
    [InlineData("c", "", 5, "c", "t", 0, 9, 5, null, 0, null)]
    [InlineData("c", "t", 5, "d", "", 0, 9, 0, "t", 5, null)]
    public void A_claim_reads_on_where_the_last_one_stopped_and_names_what_is_missing(
        string storedCluster, string storedTopic, long storedNext, string cluster, string topic, long earliest, long latest,
        long expectedNext, string? gapTopic, long gapFrom, long? gapTo)
    {
        (long next, OffsetGap? gap) = ClaimStore.ReadOn(new StoredOffset(storedCluster, storedTopic, storedNext, OwnerEpoch: 1), new PartitionFacts(cluster, topic, earliest, latest));
        Assert.Equal(expectedNext, next);
        Assert.Equal(gapTopic, gap?.TopicId);
        Assert.Equal(gapFrom, gap?.From ?? 0);
        Assert.Equal(gapTo, gap?.To);
    }

    [Fact]
    public void A_partition_that_nobody_has_claimed_yet_is_read_from_its_start_without_a_gap() =>
        Assert.Equal((7, null), ClaimStore.ReadOn(stored: null, new PartitionFacts("c", "t", Earliest: 7, Latest: 9)));
}
