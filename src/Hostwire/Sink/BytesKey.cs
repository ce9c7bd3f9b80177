using System.Runtime.InteropServices;

namespace Hostwire.Sink;

/// <summary>A key of a number and some bytes, which can be looked up without making it; see <see cref="BytesKeyComparer"/>.</summary>
internal readonly ref struct BytesKey(int prefix, ReadOnlySpan<byte> bytes)
{
    public int Prefix { get; } = prefix;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;
}

/// <summary>The same, as a dictionary keeps it.</summary>
internal sealed record StoredBytesKey(int Prefix, byte[] Bytes);

/// <summary>Compares whole keys, never only hashes. The hash is the runtime's randomized one, so that nobody can aim records at one bucket.</summary>
internal sealed class BytesKeyComparer : IEqualityComparer<StoredBytesKey>, IAlternateEqualityComparer<BytesKey, StoredBytesKey>
{
    public static readonly BytesKeyComparer Instance = new();

    public bool Equals(StoredBytesKey? left, StoredBytesKey? right) => left!.Prefix == right!.Prefix && left.Bytes.AsSpan().SequenceEqual(right.Bytes);

    public int GetHashCode(StoredBytesKey key) => Hash(key.Prefix, key.Bytes);

    public bool Equals(BytesKey alternate, StoredBytesKey other) => alternate.Prefix == other.Prefix && alternate.Bytes.SequenceEqual(other.Bytes);

    public int GetHashCode(BytesKey alternate) => Hash(alternate.Prefix, alternate.Bytes);

    public StoredBytesKey Create(BytesKey alternate) => new(alternate.Prefix, alternate.Bytes.ToArray());

    private static int Hash(int prefix, ReadOnlySpan<byte> bytes)
    {
#pragma warning disable MA0021 // The bytes are no text; this is the runtime's randomized hash, which it offers for no other type.
        int hash = string.GetHashCode(MemoryMarshal.Cast<byte, char>(bytes));
#pragma warning restore MA0021
        int last = (bytes.Length & 1) == 0 ? 0 : bytes[^1] + 1;
        return HashCode.Combine(hash, prefix, last);
    }
}
