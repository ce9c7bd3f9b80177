using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Hostwire.Otlp;

/// <summary>Reads protobuf's wire format out of a span: message by message, field by field, without allocating and without ever throwing.</summary>
/// <remarks>
/// The first failure is kept (<see cref="Error"/>, <see cref="ErrorPosition"/>) and ends every loop over <see cref="Next"/>; from then on
/// reads yield zeros. So parsing code is written as if nothing could fail, and asks once, at the end.
/// It accepts and refuses what Google's C# parser does. Where parsers disagree, the C# one is the most lenient: of a tag or a length only the
/// low 32 bits count (C++ and Go refuse more), and bits of a ten-byte varint beyond the 64th are ignored (Go refuses them).
/// </remarks>
internal ref struct WireReader
{
    /// <summary>How deep messages and groups may nest inside the outermost message: Google's default, everywhere.</summary>
    public const int MaxDepth = 100;

    private readonly ReadOnlySpan<byte> _record;
    private int _end;
    private int _depth;

    /// <summary>A reader of the message that fills the whole span.</summary>
    public WireReader(ReadOnlySpan<byte> record)
    {
        _record = record;
        _end = record.Length;
    }

    /// <summary>A reader of the message that fills one stretch of a record; positions remain those of the record.</summary>
    public WireReader(ReadOnlySpan<byte> record, ByteRange message)
    {
        _record = record;
        Position = message.Start;
        _end = message.End;
    }

    /// <summary>The next byte to be read.</summary>
    public int Position { get; private set; }

    /// <summary>The rest of the current message.</summary>
    public readonly ReadOnlySpan<byte> Rest => _record[Position.._end];

    /// <summary>The first failure.</summary>
    public DecodeError Error { get; private set; }

    /// <summary>The byte at which the first failure was noticed.</summary>
    public int ErrorPosition { get; private set; }

    /// <summary>Whether nothing has failed.</summary>
    public readonly bool IsOk => Error == DecodeError.None;

    /// <summary>Reads the next tag of the current message; false at its end, or when something has failed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next(out uint tag)
    {
        if (Position >= _end)
        {
            tag = 0;
            return false;
        }

        // Nearly all tags are one byte, with a field number from 1 to 15.
        tag = _record[Position];
        if (tag is >= 1 << 3 and < 0x80 && WireTag.Type(tag) != WireTag.EndGroup)
        {
            Position++;
            return true;
        }

        return NextUnusual(out tag);
    }

    /// <summary>Reads past the value of a field that is of no interest, whatever it is.</summary>
    public void Skip(uint tag)
    {
        switch (WireTag.Type(tag))
        {
            case WireTag.Varint:
                ReadVarint();
                break;
            case WireTag.Fixed64:
                Advance(sizeof(ulong));
                break;
            case WireTag.Length:
                ReadBytes();
                break;
            case WireTag.StartGroup:
                SkipGroup(tag);
                break;
            case WireTag.Fixed32:
                Advance(sizeof(uint));
                break;
            default:
                Fail(DecodeError.InvalidWireType, Position);
                break;
        }
    }

    /// <summary>Enters the message that follows; <see cref="Next"/> then reads its fields. Give what this returns to <see cref="Leave"/>.</summary>
    public int Enter()
    {
        int start = Position;
        int outerEnd = _end;
        int length = ReadLength();
        if (_depth >= MaxDepth)
        {
            Fail(DecodeError.TooDeep, start);
            length = 0;
        }

        _depth++;
        _end = Position + length;
        return outerEnd;
    }

    /// <summary>Goes back to the message around the one that <see cref="Next"/> has come to the end of.</summary>
    public void Leave(int outerEnd)
    {
        _depth--;
        if (IsOk)
        {
            _end = outerEnd;
        }
    }

    /// <summary>Where the message that was just entered lies.</summary>
    public readonly ByteRange Current => new(Position, _end - Position);

    /// <summary>Reads a varint of up to 64 bits; narrower types take its low bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadVarint() =>
        Position < _end && _record[Position] < 0x80 ? _record[Position++] : ReadLongVarint();

    /// <summary>Reads eight bytes.</summary>
    public ulong ReadFixed64()
    {
        int start = Position;
        return Advance(sizeof(ulong)) ? BinaryPrimitives.ReadUInt64LittleEndian(_record[start..]) : 0;
    }

    /// <summary>Reads past a length and that many bytes.</summary>
    public ByteRange ReadBytes()
    {
        int length = ReadLength();
        int start = Position;
        Position += length;
        return new ByteRange(start, length);
    }

    /// <summary>Reads past a length and that many bytes of UTF-8.</summary>
    public ByteRange ReadString()
    {
        ByteRange text = ReadBytes();
        if (!IsUtf8(text.In(_record)))
        {
            Fail(DecodeError.InvalidUtf8, text.Start);
        }

        return text;
    }

    /// <summary>Enters a packed list of numbers as <see cref="Enter"/> does a message; read numbers while <see cref="HasMore"/>.</summary>
    public int EnterPacked()
    {
        int start = Position;
        int outerEnd = _end;
        int length = (int)ReadVarint();
        if (length > _end - Position)
        {
            Fail(DecodeError.Truncated, start);
        }
        else if (IsOk)
        {
            // Google's C# parser takes a negative length here, and only here, for an empty list; C++ and Go refuse it.
            _end = Position + Math.Max(length, 0);
        }

        _depth++;
        return outerEnd;
    }

    /// <summary>Whether the packed list has more numbers.</summary>
    public readonly bool HasMore => Position < _end;

    /// <summary>Reads past some bytes; false where so many do not follow.</summary>
    public bool Advance(int length)
    {
        if (length > _end - Position)
        {
            Fail(DecodeError.Truncated, Position);
            return false;
        }

        Position += length;
        return true;
    }

    /// <summary>Whether a text is valid UTF-8.</summary>
    /// <remarks>Most texts are short and ASCII, for which the call of the general method would cost more than the check.</remarks>
    public static bool IsUtf8(ReadOnlySpan<byte> text)
    {
        const ulong NotAscii = 0x8080_8080_8080_8080;
        ulong bytes = text.Length switch
        {
            0 => 0,
            < 4 => text[0] | (ulong)text[text.Length / 2] | text[^1],
            < 8 => BinaryPrimitives.ReadUInt32LittleEndian(text) | BinaryPrimitives.ReadUInt32LittleEndian(text[^4..]),
            <= 16 => BinaryPrimitives.ReadUInt64LittleEndian(text) | BinaryPrimitives.ReadUInt64LittleEndian(text[^8..]),
            _ => NotAscii,
        };
        return (bytes & NotAscii) == 0 || Utf8.IsValid(text);
    }

    private ulong ReadLongVarint()
    {
        int start = Position;
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (Position >= _end)
            {
                Fail(DecodeError.Truncated, start);
                return 0;
            }

            byte next = _record[Position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        Fail(DecodeError.MalformedVarint, start);
        return 0;
    }

    private void SkipGroup(uint startTag)
    {
        if (_depth >= MaxDepth)
        {
            Fail(DecodeError.TooDeep, Position);
        }

        _depth++;
        while (IsOk)
        {
            int start = Position;
            if (!HasMore)
            {
                Fail(DecodeError.Truncated, start);
                return;
            }

            uint tag = ReadTag();
            if (WireTag.Type(tag) != WireTag.EndGroup)
            {
                Skip(tag);
                continue;
            }

            if (WireTag.Number(tag) != WireTag.Number(startTag))
            {
                Fail(DecodeError.UnexpectedEndGroup, start);
            }

            break;
        }

        _depth--;
    }

    /// <summary>Ends the reading; the first failure is the one that is kept.</summary>
    public void Fail(DecodeError error, int position)
    {
        if (IsOk)
        {
            Error = error;
            ErrorPosition = position;
        }

        _end = Position;
    }

    private bool NextUnusual(out uint tag)
    {
        int start = Position;
        tag = ReadTag();
        if (WireTag.Type(tag) == WireTag.EndGroup)
        {
            Fail(DecodeError.UnexpectedEndGroup, start);
        }

        return IsOk;
    }

    private uint ReadTag()
    {
        int start = Position;
        uint tag = (uint)ReadVarint();
        if (WireTag.Number(tag) == 0)
        {
            Fail(DecodeError.InvalidTag, start);
        }

        return tag;
    }

    // So many bytes do follow; 0 after a failure.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadLength()
    {
        if (Position < _end)
        {
            int length = _record[Position];
            if (length < 0x80 && length < _end - Position)
            {
                Position++;
                return length;
            }
        }

        return ReadUnusualLength();
    }

    private int ReadUnusualLength()
    {
        int start = Position;
        int length = (int)ReadVarint();
        if (length < 0)
        {
            Fail(DecodeError.NegativeLength, start);
        }
        else if (length > _end - Position)
        {
            Fail(DecodeError.Truncated, start);
        }

        return IsOk ? length : 0;
    }
}
