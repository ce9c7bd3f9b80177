namespace Hostwire.IntegrationTests.EndToEnd;

public sealed class WireShuffleTests
{
    [Theory]
    [InlineData("collector-default")]
    [InlineData("collector-all-scrapers")]
    public void A_shuffled_record_has_the_same_bytes_in_another_order(string sample)
    {
        foreach (byte[] record in CollectorSamples.Records(sample))
        {
            byte[] shuffled = WireShuffle.Shuffle(record, new Random(1));
            Assert.NotEqual(record, shuffled);
            Assert.Equal(Order(record), Order(shuffled));
            Assert.NotEqual(shuffled, WireShuffle.Shuffle(record, new Random(2)));
        }
    }

    private static byte[] Order(byte[] bytes) => [.. bytes.Order()];
}
