using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Hostwire.Simulation.Ledger;

/// <summary>A set of series in the order in which their values are hashed, which is that of their digests: whatever order they were sent or stored in, the result is one.</summary>
internal sealed class FramePlan
{
    private const int HashBytes = SHA256.HashSizeInBytes;

    private readonly byte[] _names;

    /// <summary>Makes the plan of some series.</summary>
    /// <param name="digests">Each one's <see cref="SeriesDigest"/>, in the order in which the values will be given.</param>
    public FramePlan(ReadOnlySpan<byte[]> digests)
    {
        Order = new int[digests.Length];
        byte[][] sorted = digests.ToArray();
        for (int index = 0; index < Order.Length; index++)
        {
            Order[index] = index;
        }

        Array.Sort(sorted, Order, Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right)));
        _names = SHA256.HashData(sorted.SelectMany(digest => digest).ToArray());
    }

    /// <summary>The places of the values, in the order in which they are hashed.</summary>
    public int[] Order { get; }

    /// <summary>How many bytes <see cref="Hash"/> needs to work in.</summary>
    public int RoomBytes => HashBytes + (sizeof(double) * Order.Length);

    /// <summary>The digest of a frame: SHA-256 over the SHA-256 of the names and then the values as <c>float8send</c> gives them, cut to 128 bits.</summary>
    /// <param name="values">In the order in which the digests were given.</param>
    /// <param name="room">At least <see cref="RoomBytes"/>.</param>
    public FrameDigest Hash(ReadOnlySpan<double> values, Span<byte> room)
    {
        room = room[..RoomBytes];
        _names.CopyTo(room);
        Span<byte> target = room[HashBytes..];
        foreach (int place in Order)
        {
            BinaryPrimitives.WriteDoubleBigEndian(target, values[place]);
            target = target[sizeof(double)..];
        }

        Span<byte> hash = stackalloc byte[HashBytes];
        SHA256.HashData(room, hash);
        return FrameDigest.FromHash(hash);
    }
}
