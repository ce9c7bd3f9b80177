using System.Buffers.Binary;
using System.Text;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>Writes protobuf fields; the tests' own, so that what the product reads was not written by the product.</summary>
internal static class ProtoWriter
{
    /// <summary>A varint, as tags and lengths are.</summary>
    public static void WriteVarint(Stream output, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            output.WriteByte((byte)(value | 0x80));
        }

        output.WriteByte((byte)value);
    }

    /// <summary>A field that is a varint: bool, enum, uint64.</summary>
    public static void WriteVarintField(Stream output, int field, ulong value)
    {
        WriteVarint(output, (ulong)(field << 3));
        WriteVarint(output, value);
    }

    /// <summary>A field of 8 bytes: fixed64, sfixed64 or double.</summary>
    public static void WriteFixed64(Stream output, int field, ulong value)
    {
        WriteVarint(output, (ulong)((field << 3) | 1));
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        output.Write(bytes);
    }

    /// <summary>A field that is a string.</summary>
    public static void WriteString(Stream output, int field, string value) => WriteMessage(output, field, inner => inner.Write(Encoding.UTF8.GetBytes(value)));

    /// <summary>A field that is a message; <paramref name="write"/> writes its content.</summary>
    public static void WriteMessage(Stream output, int field, Action<Stream> write)
    {
        using var inner = new MemoryStream();
        write(inner);
        WriteVarint(output, (ulong)((field << 3) | 2));
        WriteVarint(output, (ulong)inner.Length);
        inner.WriteTo(output);
    }
}
