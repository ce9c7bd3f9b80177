using System.Buffers.Binary;
using System.Text;

namespace Hostwire.Tests.Sink;

/// <summary>Writes OTLP records field by field, so that a test can say exactly what is on the wire. Field numbers are those of opentelemetry-proto.</summary>
internal static class OtlpRecord
{
    /// <summary>A whole record.</summary>
    public static byte[] Of(params byte[][] resourceMetrics) => Fields(1, resourceMetrics);

    /// <summary>A resource with its metrics, all of one scope.</summary>
    public static byte[] Resource(byte[][] attributes, params byte[][] metrics) => Scoped(attributes, "", metrics);

    /// <summary>A resource with its metrics, all of the scope named.</summary>
    public static byte[] Scoped(byte[][] attributes, string scope, params byte[][] metrics) =>
        [.. Field(1, Fields(1, attributes)), .. Field(2, [.. Field(1, Field(1, Utf8(scope))), .. Fields(2, metrics)])];

    /// <summary>A gauge.</summary>
    public static byte[] Gauge(string name, params byte[][] points) => [.. Field(1, Utf8(name)), .. Field(5, Fields(1, points))];

    /// <summary>A cumulative sum.</summary>
    public static byte[] Sum(string name, string unit, bool isMonotonic, params byte[][] points) =>
        [.. Field(1, Utf8(name)), .. Field(3, Utf8(unit)), .. Field(7, [.. Fields(1, points), 0x10, 2, 0x18, isMonotonic ? (byte)1 : (byte)0])];

    /// <summary>A point.</summary>
    public static byte[] Point(ulong nanos, double value, params byte[][] attributes) =>
        [.. Fixed64((3 << 3) | 1, nanos), .. Fixed64((4 << 3) | 1, BitConverter.DoubleToUInt64Bits(value)), .. Fields(7, attributes)];

    /// <summary>A point whose sender says that nothing was recorded.</summary>
    public static byte[] NoValue(ulong nanos, params byte[][] attributes) => [.. Fixed64((3 << 3) | 1, nanos), .. Fields(7, attributes), 0x40, 1];

    /// <summary>An attribute.</summary>
    public static byte[] Attribute(string key, byte[] value) => [.. Field(1, Utf8(key)), .. Field(2, value)];

    /// <summary>An attribute that is text.</summary>
    public static byte[] Attribute(string key, string value) => Attribute(key, Text(value));

    public static byte[] Text(string value) => Field(1, Utf8(value));

    public static byte[] Bool(bool value) => [0x10, value ? (byte)1 : (byte)0];

    public static byte[] Int(long value) => [0x18, .. Varint((ulong)value)];

    public static byte[] Double(double value) => Fixed64((4 << 3) | 1, BitConverter.DoubleToUInt64Bits(value));

    public static byte[] Array(params byte[][] values) => Field(5, Fields(1, values));

    public static byte[] Map(params byte[][] attributes) => Field(6, Fields(1, attributes));

    public static byte[] Bytes(params byte[] value) => Field(7, value);

    /// <summary>A value that says nothing, which OTLP allows.</summary>
    public static byte[] Empty => [];

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Fields(int number, byte[][] messages)
    {
        using var fields = new MemoryStream();
        foreach (byte[] message in messages)
        {
            fields.Write(Field(number, message));
        }

        return fields.ToArray();
    }

    private static byte[] Field(int number, byte[] content) => [.. Varint((ulong)((number << 3) | 2)), .. Varint((ulong)content.Length), .. content];

    private static byte[] Fixed64(byte tag, ulong value)
    {
        byte[] bytes = new byte[1 + sizeof(ulong)];
        bytes[0] = tag;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), value);
        return bytes;
    }

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
