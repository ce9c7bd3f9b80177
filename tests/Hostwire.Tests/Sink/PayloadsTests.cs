using Hostwire.Sink;

namespace Hostwire.Tests.Sink;

public sealed class PayloadsTests
{
    private readonly Payloads _payloads = new(new PayloadPool());

    [Fact]
    public void Bytes_of_any_length_are_kept_as_they_were_given()
    {
        var random = new Random(1);
        byte[][] given = [.. new[] { 0, 1, 1000, PayloadPool.BlockBytes, 0, PayloadPool.BlockBytes + 1, PayloadPool.BlockBytes - 1, 2, 70_000, 0 }.Select(length =>
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            return bytes;
        })];
        ReadOnlyMemory<byte>[] kept = [.. given.Select(bytes => _payloads.Add(bytes))];
        Assert.All(given.Zip(kept), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second.Span)));
    }

    [Fact]
    public void What_is_taken_back_makes_room_for_the_next_and_leaves_what_came_before()
    {
        ReadOnlyMemory<byte> first = _payloads.Add([1, 2, 3]);
        (int Blocks, int Used) position = _payloads.Position;
        for (int round = 0; round < 10; round++)
        {
            _payloads.Add(new byte[200_000]);
            _payloads.Add(new byte[200_000]);
            _payloads.Rewind(position);
            Assert.Equal(position, _payloads.Position);
        }

        _payloads.Add([4]);
        Assert.Equal([1, 2, 3], first.ToArray());
    }

    [Fact]
    public void Batch_after_batch_is_kept_in_the_same_memory()
    {
        byte[] record = new byte[7_000];
        Allocations.AssertNone(() =>
        {
            for (int count = 0; count < 100; count++)
            {
                _payloads.Add(record);
            }

            _payloads.Release();
        });
        Assert.Equal(0, _payloads.Position.Blocks);
    }
}
