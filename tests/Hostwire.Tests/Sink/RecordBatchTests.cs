using Hostwire.Sink;

namespace Hostwire.Tests.Sink;

public sealed class RecordBatchTests
{
    [Fact]
    public void Records_of_a_lost_claim_go_and_those_of_others_stay_in_their_order()
    {
        var kept = new PartitionClaim(new("t", 0), "c", "i", epoch: 1, nextOffset: 0);
        var lost = new PartitionClaim(new("t", 1), "c", "i", epoch: 1, nextOffset: 0);
        var batch = new RecordBatch(new Payloads(new PayloadPool()));
        for (int offset = 0; offset < 3; offset++)
        {
            batch.Add(new RawRecord(kept, offset, null, new byte[10].AsMemory(), TimeMillis: 0), now: 5 + offset);
            batch.Add(new RawRecord(lost, offset, new byte[5].AsMemory(), new byte[1000].AsMemory(), TimeMillis: 0), now: 5 + offset);
        }

        long before = batch.Bytes;
        lost.Lose();
        batch.DropLost();
        Assert.Equal([0, 1, 2], batch.Records.Select(record => record.Offset));
        Assert.All(batch.Records, record => Assert.Same(kept, record.Claim));
        Assert.Equal(before, (2 * batch.Bytes) + (3 * (1005 - 10)));
        Assert.Equal(5, batch.StartedAt);
        kept.Lose();
        batch.DropLost();
        Assert.Empty(batch.Records);
        Assert.Equal(0, batch.Bytes);
    }

    [Fact]
    public void The_time_of_an_emptied_batch_starts_anew()
    {
        var claim = new PartitionClaim(new("t", 0), "c", "i", epoch: 1, nextOffset: 0);
        var batch = new RecordBatch(new Payloads(new PayloadPool()));
        batch.Add(new RawRecord(claim, 0, null, new byte[1].AsMemory(), TimeMillis: 0), now: 5);
        claim.Lose();
        batch.DropLost();
        batch.Add(Decoded.Raw([1]), now: 9);
        Assert.Equal(9, batch.StartedAt);
    }

    [Fact]
    public void Records_without_content_take_memory_too()
    {
        var batch = new RecordBatch(new Payloads(new PayloadPool()));
        batch.Add(Decoded.Raw(null), now: 1);
        batch.Add(Decoded.Raw([]), now: 1);
        Assert.True(batch.Bytes > 0);
    }
}
