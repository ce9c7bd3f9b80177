namespace Hostwire.EndToEnd.Drain;

/// <summary>The fields of a protobuf message, one after the other; the benchmark's own, so that nothing it measures is trusted with the truth.</summary>
/// <param name="record">The whole record.</param>
/// <param name="start">Where the message begins.</param>
/// <param name="end">Where it ends.</param>
internal ref struct WireFields(ReadOnlySpan<byte> record, int start, int end)
{
    private const int VarintType = 0;
    private const int Fixed64Type = 1;
    private const int LengthType = 2;

    private readonly ReadOnlySpan<byte> _record = record;
    private readonly int _end = end;
    private int _position = start;

    /// <summary>The number of the field.</summary>
    public int Number { get; private set; }

    /// <summary>Where it begins, tag included.</summary>
    public int FieldStart { get; private set; }

    /// <summary>Where its content begins.</summary>
    public int Start { get; private set; }

    /// <summary>Where it ends.</summary>
    public int End { get; private set; }

    /// <summary>Goes to the next one.</summary>
    public bool Next()
    {
        if (_position >= _end)
        {
            return false;
        }

        FieldStart = _position;
        ulong tag = Varint();
        Number = (int)(tag >> 3);
        int length = (int)(tag & 7) switch
        {
            VarintType => _record[_position..].IndexOfAnyInRange((byte)0, (byte)127) + 1,
            Fixed64Type => sizeof(ulong),
            LengthType => (int)Varint(),
            int type => throw new InvalidDataException($"A field of wire type {type} has no place in OTLP."),
        };
        Start = _position;
        End = _position += length;
        return true;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = _record[_position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
