using System.Buffers.Binary;

namespace Hostwire.Sink;

/// <summary>Where the numbers of a point lie.</summary>
/// <param name="StartTime">Where the eight bytes of its start time begin; -1 where it has none.</param>
/// <param name="Time">Where those of its time begin.</param>
/// <param name="Value">Where those of its value begin.</param>
/// <param name="IsInteger">Whether the value is a whole number.</param>
internal readonly record struct PointPlace(int StartTime, int Time, int Value, bool IsInteger)
{
    /// <summary>Whether the value lies there.</summary>
    public bool Holds(ReadOnlySpan<byte> rest, double value)
    {
        long bits = BinaryPrimitives.ReadInt64LittleEndian(rest[Value..]);
        return BitConverter.DoubleToInt64Bits(value) == (IsInteger ? BitConverter.DoubleToInt64Bits(bits) : bits);
    }
}
