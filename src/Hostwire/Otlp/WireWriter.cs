using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Hostwire.Otlp;

/// <summary>Writes protobuf's wire format into a span whose size was worked out before.</summary>
internal ref struct WireWriter(Span<byte> target)
{
    private readonly Span<byte> _target = target;

    /// <summary>How many bytes were written.</summary>
    public int Position { get; private set; }

    /// <summary>The bytes that <see cref="WriteVarint"/> takes for a value.</summary>
    public static int SizeOfVarint(uint value) => (BitOperations.Log2(value | 1) / 7) + 1;

    /// <summary>The bytes of a field that carries a length: tag (of one byte), length, content.</summary>
    public static int SizeOfField(int length) => 1 + SizeOfVarint((uint)length) + length;

    /// <summary>Two string fields as bytes; an empty one is left out, as in every proto3 writer.</summary>
    public static byte[] EncodeStrings(uint firstTag, string first, uint secondTag, string second)
    {
        byte[] room = new byte[SizeOfField(Encoding.UTF8.GetByteCount(first)) + SizeOfField(Encoding.UTF8.GetByteCount(second))];
        var writer = new WireWriter(room);
        if (first.Length > 0)
        {
            writer.WriteString(firstTag, first);
        }

        if (second.Length > 0)
        {
            writer.WriteString(secondTag, second);
        }

        return room[..writer.Position];
    }

    /// <summary>A message as bytes: tag, length, and fields that were encoded before.</summary>
    public static byte[] EncodeMessage(uint tag, ReadOnlySpan<byte> fields)
    {
        byte[] message = new byte[SizeOfField(fields.Length)];
        var writer = new WireWriter(message);
        writer.WriteMessageStart(tag, fields.Length);
        writer.WriteEncoded(fields);
        return message;
    }

    /// <summary>Writes a tag or a small number in the fewest bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarint(uint value)
    {
        while (value >= 0x80)
        {
            _target[Position++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _target[Position++] = (byte)value;
    }

    /// <summary>Writes the tag and the length of a message; its fields follow.</summary>
    public void WriteMessageStart(uint tag, int length)
    {
        WriteVarint(tag);
        WriteVarint((uint)length);
    }

    /// <summary>Writes a field of eight bytes.</summary>
    public void WriteFixed64(uint tag, ulong value)
    {
        WriteVarint(tag);
        BinaryPrimitives.WriteUInt64LittleEndian(_target[Position..], value);
        Position += sizeof(ulong);
    }

    /// <summary>Writes a string field; what is no valid UTF-16 becomes U+FFFD, so that every parser takes it.</summary>
    public void WriteString(uint tag, string value)
    {
        WriteMessageStart(tag, Encoding.UTF8.GetByteCount(value));
        Position += Encoding.UTF8.GetBytes(value, _target[Position..]);
    }

    /// <summary>Writes fields that were encoded before.</summary>
    public void WriteEncoded(ReadOnlySpan<byte> fields)
    {
        fields.CopyTo(_target[Position..]);
        Position += fields.Length;
    }
}
