using System.Runtime.InteropServices;

namespace Hostwire.Sink;

/// <summary>Finds a layout by the sequence of its series' numbers without making an array of them.</summary>
internal sealed class SeriesIdsComparer : IEqualityComparer<int[]>, IAlternateEqualityComparer<ReadOnlySpan<int>, int[]>
{
    public static readonly SeriesIdsComparer Instance = new();

    public bool Equals(int[]? left, int[]? right) => left.AsSpan().SequenceEqual(right);

    public int GetHashCode(int[] ids) => GetHashCode(ids.AsSpan());

    public bool Equals(ReadOnlySpan<int> alternate, int[] other) => alternate.SequenceEqual(other);

#pragma warning disable MA0021 // The numbers are no text; this is the runtime's randomized hash, which it offers for no other type.
    public int GetHashCode(ReadOnlySpan<int> alternate) => string.GetHashCode(MemoryMarshal.Cast<int, char>(alternate));
#pragma warning restore MA0021

    public int[] Create(ReadOnlySpan<int> alternate) => alternate.ToArray();
}
