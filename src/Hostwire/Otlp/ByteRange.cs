namespace Hostwire.Otlp;

/// <summary>A stretch of a record's bytes: what the decoder gives instead of copies.</summary>
/// <param name="Start">Position of the first byte in the record.</param>
/// <param name="Length">Number of bytes; 0 where the field was absent or empty.</param>
public readonly record struct ByteRange(int Start, int Length)
{
    /// <summary>The position behind the last byte.</summary>
    public int End => Start + Length;

    /// <summary>The bytes themselves, out of the record the range was made for.</summary>
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> record) => record.Slice(Start, Length);
}
