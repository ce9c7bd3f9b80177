namespace Hostwire.Otlp;

/// <summary>Goes through the fields of an <c>AnyValue</c> that may have come in several pieces: protobuf merges what is given twice.</summary>
internal ref struct AnyValueFields
{
    private readonly ReadOnlySpan<byte> _record;
    private WireReader _keyValue;
    private WireReader _piece;

    /// <summary>
    /// The fields of the value at <paramref name="range"/>; or, where <paramref name="isSplit"/>, of all values in the key-value there.
    /// </summary>
    public AnyValueFields(ReadOnlySpan<byte> record, ByteRange range, bool isSplit)
    {
        _record = record;
        _keyValue = isSplit ? new WireReader(record, range) : default;
        _piece = isSplit ? default : new WireReader(record, range);
    }

    /// <summary>The record that all ranges refer to.</summary>
    public readonly ReadOnlySpan<byte> Record => _record;

    /// <summary>The next byte to be read; grows from piece to piece.</summary>
    public readonly int Position => _piece.Position;

    /// <summary>Reads the next tag; false at the end.</summary>
    public bool Next(out uint tag)
    {
        while (!_piece.Next(out tag))
        {
            if (!NextPiece())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads past a value.</summary>
    public void Skip(uint tag) => _piece.Skip(tag);

    /// <summary>Reads a varint.</summary>
    public ulong ReadVarint() => _piece.ReadVarint();

    /// <summary>Reads eight bytes.</summary>
    public ulong ReadFixed64() => _piece.ReadFixed64();

    /// <summary>Reads a length and that many bytes.</summary>
    public ReadOnlySpan<byte> ReadBytes() => ReadRange().In(_record);

    /// <summary>Reads past a length and that many bytes.</summary>
    public ByteRange ReadRange() => _piece.ReadBytes();

    private bool NextPiece()
    {
        while (_keyValue.Next(out uint tag))
        {
            if (tag == OtlpTag.KeyValueValue)
            {
                _piece = new WireReader(_record, _keyValue.ReadBytes());
                return true;
            }

            _keyValue.Skip(tag);
        }

        return false;
    }
}
