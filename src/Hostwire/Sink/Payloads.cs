namespace Hostwire.Sink;

/// <summary>Keys and values of a batch's records, copied out of the client's memory into blocks of a pool.</summary>
/// <remarks>Of the intake's thread alone, but for what was handed out, which others may read until <see cref="Release"/>.</remarks>
internal sealed class Payloads(PayloadPool pool)
{
    private readonly List<byte[]> _blocks = [];
    private int _used = PayloadPool.BlockBytes;

    /// <summary>Where the next one goes; give it to <see cref="Rewind"/> to take back all that came after.</summary>
    public (int Blocks, int Used) Position => (_blocks.Count, _used);

    /// <summary>Copies some bytes.</summary>
    public ReadOnlyMemory<byte> Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > PayloadPool.BlockBytes)
        {
            return bytes.ToArray();
        }

        if (bytes.Length > PayloadPool.BlockBytes - _used)
        {
            _blocks.Add(pool.Rent());
            _used = 0;
        }

        Memory<byte> copy = _blocks.Count == 0 ? default : _blocks[^1].AsMemory(_used, bytes.Length);
        bytes.CopyTo(copy.Span);
        _used += bytes.Length;
        return copy;
    }

    /// <summary>Takes back what was added since a position: the record is of no use.</summary>
    public void Rewind((int Blocks, int Used) position)
    {
        while (_blocks.Count > position.Blocks)
        {
            pool.Return(_blocks[^1]);
            _blocks.RemoveAt(_blocks.Count - 1);
        }

        _used = position.Used;
    }

    /// <summary>Gives all memory back; nobody may read it any more.</summary>
    public void Release() => Rewind((0, PayloadPool.BlockBytes));
}
