using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Json;

namespace Hostwire.Otlp;

/// <summary>Writes protobuf's wire format where nobody knows the sizes beforehand, into memory that grows. Used for record after record.</summary>
/// <remarks>Every number and length takes the fewest bytes, so the same message gives the bytes that any other writer makes of it.</remarks>
internal sealed class WireBuilder
{
    // What a rare giant needed is given back with the next record.
    private const int BytesKept = 1 << 20;

    private byte[] _bytes = new byte[4096];
    private int _length;

    /// <summary>What was written; valid until the next <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Forgets what was written.</summary>
    public void Clear()
    {
        _length = 0;
        if (_bytes.Length > BytesKept)
        {
            _bytes = new byte[BytesKept];
        }
    }

    /// <summary>Starts a message; its fields follow. Give what this returns to <see cref="End"/>.</summary>
    public int Begin(uint tag)
    {
        WriteVarint(tag);
        Reserve(1)[0] = 0;
        return _length;
    }

    /// <summary>Ends a message.</summary>
    public void End(int start)
    {
        int length = _length - start;
        int more = WireWriter.SizeOfVarint((uint)length) - 1;
        if (more > 0)
        {
            // One byte was left for the length, which is enough for most; else the message makes room.
            Reserve(more);
            _bytes.AsSpan(start, length).CopyTo(_bytes.AsSpan(start + more));
        }

        new WireWriter(_bytes.AsSpan(start - 1)).WriteVarint((uint)length);
    }

    /// <summary>Writes a field that is a number of up to 64 bits.</summary>
    public void WriteVarint(uint tag, ulong value)
    {
        WriteVarint(tag);
        WriteVarint(value);
    }

    /// <summary>Writes a field of eight bytes.</summary>
    public void WriteFixed64(uint tag, ulong value)
    {
        WriteVarint(tag);
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(sizeof(ulong)), value);
    }

    /// <summary>Writes a field of text or bytes.</summary>
    public void WriteBytes(uint tag, ReadOnlySpan<byte> value)
    {
        WriteVarint(tag);
        WriteVarint((ulong)value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    /// <summary>Writes a field of text: the JSON string, or the name of the member, at hand.</summary>
    /// <exception cref="InvalidOperationException">It has half a character.</exception>
    public void WriteText(uint tag, in Utf8JsonReader json)
    {
        int start = Begin(tag);
        _length = start + json.CopyString(Reserve(json.ValueSpan.Length));
        End(start);
    }

    /// <summary>Writes a field of bytes: the JSON string at hand, which is base64 in either alphabet, with padding or without. False where it is not.</summary>
    /// <exception cref="InvalidOperationException">It has half a character.</exception>
    public bool WriteBase64(uint tag, in Utf8JsonReader json)
    {
        int start = Begin(tag);
        Span<byte> text = Reserve(json.ValueSpan.Length);
        text = text[..json.CopyString(text)];
        text.Replace((byte)'+', (byte)'-');
        text.Replace((byte)'/', (byte)'_');
        bool isBase64 = Base64Url.IsValid(text);
        _length = start + (isBase64 ? Base64Url.DecodeFromUtf8InPlace(text) : 0);
        End(start);
        return isBase64;
    }

    private void WriteVarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Reserve(1)[0] = (byte)(value | 0x80);
        }

        Reserve(1)[0] = (byte)value;
    }

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - _length < count)
        {
            Array.Resize(ref _bytes, int.Max(2 * _bytes.Length, _length + count));
        }

        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}
