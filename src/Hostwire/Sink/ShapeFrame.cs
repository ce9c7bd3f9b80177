using System.Buffers.Binary;

namespace Hostwire.Sink;

/// <summary>A frame of a <see cref="MetricsShape"/>.</summary>
/// <param name="Layout">Its layout.</param>
/// <param name="Values">For each series of the layout where its value begins, times two; plus one where it is a whole number.</param>
internal sealed record ShapeFrame(LayoutEntry Layout, int[] Values)
{
    // Up to here every whole number is a double.
    private const long ExactMax = 1L << 53;

    /// <summary>Reads the values; returns how many of them were whole numbers that no double equals.</summary>
    /// <param name="rest">The part of a record that has the shape.</param>
    /// <param name="values">As long as the layout.</param>
    public int Read(ReadOnlySpan<byte> rest, Span<double> values)
    {
        int inexact = 0;
        int[] places = Values;
        for (int index = 0; index < places.Length; index++)
        {
            int place = places[index];
            long bits = BinaryPrimitives.ReadInt64LittleEndian(rest[(place >> 1)..]);
            if ((place & 1) == 0)
            {
                values[index] = BitConverter.Int64BitsToDouble(bits);
                continue;
            }

            values[index] = bits;
            if ((ulong)(bits + ExactMax) > 2 * (ulong)ExactMax)
            {
                inexact += IsExact(bits) ? 0 : 1;
            }
        }

        return inexact;
    }

    // The conversion back saturates, so the one double that is beyond every whole number has to be told apart.
    private static bool IsExact(long whole) => (double)whole < 9223372036854775808.0 && (long)(double)whole == whole;
}
