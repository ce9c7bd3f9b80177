using System.Runtime.InteropServices;

namespace Hostwire.Sink;

/// <summary>Finds a layout by the sequence of its series' numbers without making an array of them.</summary>
internal sealed class SeriesIdsComparer : IEqualityComparer<int[]>, IAlternateEqualityComparer<ReadOnlySpan<int>, int[]>
{
    public static readonly SeriesIdsComparer Instance = new();

    private readonly KeyedHash _hash = new();

    public bool Equals(int[]? left, int[]? right) => left.AsSpan().SequenceEqual(right);

    public int GetHashCode(int[] ids) => GetHashCode(ids.AsSpan());

    public bool Equals(ReadOnlySpan<int> alternate, int[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<int> alternate) => _hash.Of(0, MemoryMarshal.AsBytes(alternate));

    public int[] Create(ReadOnlySpan<int> alternate) => alternate.ToArray();
}
