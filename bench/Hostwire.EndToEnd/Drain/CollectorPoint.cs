namespace Hostwire.EndToEnd.Drain;

/// <summary>Where a point's time and value lie in a record, and what stood there.</summary>
/// <param name="Series">Its place among the series.</param>
/// <param name="Group">Its place among the times.</param>
/// <param name="TimePosition">Where the eight bytes of its time begin.</param>
/// <param name="ValuePosition">Where the eight bytes of its value begin.</param>
/// <param name="IsInteger">Whether the value is a whole number.</param>
/// <param name="Bits">The eight bytes of the value.</param>
internal readonly record struct CollectorPoint(int Series, int Group, int TimePosition, int ValuePosition, bool IsInteger, long Bits)
{
    /// <summary>The whole number.</summary>
    public long Integer => Bits;

    /// <summary>The fraction.</summary>
    public double Double => BitConverter.Int64BitsToDouble(Bits);
}
