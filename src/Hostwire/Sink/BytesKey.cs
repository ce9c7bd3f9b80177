namespace Hostwire.Sink;

/// <summary>A key of a number and some bytes, which can be looked up without making it; see <see cref="BytesKeyComparer"/>.</summary>
internal readonly ref struct BytesKey(int prefix, ReadOnlySpan<byte> bytes)
{
    public int Prefix { get; } = prefix;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;
}

/// <summary>The same, as a dictionary keeps it.</summary>
internal sealed record StoredBytesKey(int Prefix, byte[] Bytes);

/// <summary>Compares whole keys, never only hashes.</summary>
internal sealed class BytesKeyComparer : IEqualityComparer<StoredBytesKey>, IAlternateEqualityComparer<BytesKey, StoredBytesKey>
{
    public static readonly BytesKeyComparer Instance = new();

    private readonly KeyedHash _hash = new();

    public bool Equals(StoredBytesKey? left, StoredBytesKey? right) => left!.Prefix == right!.Prefix && left.Bytes.AsSpan().SequenceEqual(right.Bytes);

    public int GetHashCode(StoredBytesKey key) => _hash.Of(key.Prefix, key.Bytes);

    public bool Equals(BytesKey alternate, StoredBytesKey other) => alternate.Prefix == other.Prefix && alternate.Bytes.SequenceEqual(other.Bytes);

    public int GetHashCode(BytesKey alternate) => _hash.Of(alternate.Prefix, alternate.Bytes);

    public StoredBytesKey Create(BytesKey alternate) => new(alternate.Prefix, alternate.Bytes.ToArray());
}
