namespace Hostwire.Simulation;

/// <summary>Arrays of records that have arrived, for those to come: the producer wants arrays of exactly a record's length, and big ones are dear to make.</summary>
internal sealed class RecordBuffers
{
    // A fleet has a few lengths; one whose series come and go has many, of which most never come again.
    private const int LengthsMax = 256;

    private readonly Dictionary<int, Stack<byte[]>> _free = [];

    /// <summary>A copy of the bytes.</summary>
    public byte[] Copy(ReadOnlySpan<byte> value)
    {
        if (!_free.TryGetValue(value.Length, out Stack<byte[]>? stack) || !stack.TryPop(out byte[]? array))
        {
            return value.ToArray();
        }

        value.CopyTo(array);
        return array;
    }

    /// <summary>Takes an array back that nobody uses any more.</summary>
    public void Return(byte[] array)
    {
        if (!_free.TryGetValue(array.Length, out Stack<byte[]>? stack))
        {
            if (_free.Count >= LengthsMax)
            {
                _free.Clear();
            }

            _free.Add(array.Length, stack = new Stack<byte[]>());
        }

        stack.Push(array);
    }
}
