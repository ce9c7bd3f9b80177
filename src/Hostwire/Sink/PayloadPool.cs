namespace Hostwire.Sink;

/// <summary>Blocks of memory for keys and values of records, used again and again: an array for each record would be most of what a sink allocates.</summary>
/// <remarks>Of the intake's thread alone.</remarks>
internal sealed class PayloadPool
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = 256 * 1024;

    // Batches are limited in bytes, so only an unusual limit would ask for more blocks than this; those are left to the garbage collector.
    private const int BlocksMax = 128;

    private readonly Stack<byte[]> _blocks = [];

    /// <summary>A block, with whatever was in it.</summary>
    public byte[] Rent() => _blocks.TryPop(out byte[]? block) ? block : GC.AllocateUninitializedArray<byte>(BlockBytes);

    /// <summary>Gives a block back; nobody may read it any more.</summary>
    public void Return(byte[] block)
    {
        if (_blocks.Count < BlocksMax)
        {
            _blocks.Push(block);
        }
    }
}
