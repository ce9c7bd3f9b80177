using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hostwire.Sink;

/// <summary>
/// The metrics of a resource as they were seen before: all their bytes but those of times and values. Where a part of a record has the same bytes in the same
/// places, it says the same of the same series, so its values can be taken from where they lie.
/// </summary>
/// <remarks>
/// Times and values are numbers of a fixed eight bytes whose tags are among the bytes compared, so nothing that they hold changes what the rest
/// means. Nothing but the comparison of all bytes decides: there is no hash to trust.
/// </remarks>
internal sealed class MetricsShape
{
    // For each byte the bits that count: all, or none where a time or a value lies. And the bytes, zero where none count.
    private readonly byte[] _mask;
    private readonly byte[] _bytes;

    /// <summary>Makes it of one example.</summary>
    /// <param name="resource">What every series of it has besides: the same metrics of another resource may be other series.</param>
    /// <param name="mask">The mask, as long as the example.</param>
    /// <param name="bytes">The example, with zeros where the mask has them.</param>
    /// <param name="groups">Its points by their times.</param>
    public MetricsShape(SeriesResource resource, byte[] mask, byte[] bytes, ShapeGroup[] groups)
    {
        Resource = resource;
        _mask = mask;
        _bytes = bytes;
        Groups = groups;
    }

    /// <summary>What every series has besides.</summary>
    public SeriesResource Resource { get; }

    /// <summary>The points by their times; each group has one time, and no two have the same.</summary>
    public ShapeGroup[] Groups { get; }

    /// <summary>Whether it is still among those of the cache; those that are not hold numbers that may have been given to others since.</summary>
    public bool IsForgotten { get; private set; }

    /// <summary>Memory that it takes, in bytes, roughly.</summary>
    public int Size => (2 * _bytes.Length) + Groups.Sum(group => group.Size);

    /// <summary>It is no longer among those of the cache.</summary>
    public void Forget() => IsForgotten = true;

    /// <summary>Whether a part of a record has these bytes, wherever they count.</summary>
    public bool Matches(SeriesResource resource, ReadOnlySpan<byte> rest)
    {
        if (rest.Length != _bytes.Length || IsForgotten || !ReferenceEquals(resource, Resource))
        {
            return false;
        }

        ref byte given = ref MemoryMarshal.GetReference(rest);
        ref byte mask = ref MemoryMarshal.GetArrayDataReference(_mask);
        ref byte bytes = ref MemoryMarshal.GetArrayDataReference(_bytes);
        int index = 0;
        if (Avx2.IsSupported)
        {
            for (; index <= rest.Length - Vector256<byte>.Count; index += Vector256<byte>.Count)
            {
                Vector256<byte> counting = Avx2.And(Vector256.LoadUnsafe(ref given, (nuint)index), Vector256.LoadUnsafe(ref mask, (nuint)index));
                if (Avx2.MoveMask(Avx2.CompareEqual(counting, Vector256.LoadUnsafe(ref bytes, (nuint)index))) != -1)
                {
                    return false;
                }
            }

            if (index == rest.Length)
            {
                return true;
            }
        }

        // The vector that ends with the last byte covers what the whole ones leave over.
        int last = rest.Length - Vector128<byte>.Count;
        for (index = Math.Min(index, Math.Max(last, 0)); last >= 0; index = Math.Min(index + Vector128<byte>.Count, last))
        {
            Vector128<byte> counting = Vector128.LoadUnsafe(ref given, (nuint)index) & Vector128.LoadUnsafe(ref mask, (nuint)index);
            if (counting != Vector128.LoadUnsafe(ref bytes, (nuint)index))
            {
                return false;
            }

            if (index == last)
            {
                return true;
            }
        }

        for (; index < rest.Length; index++)
        {
            if ((Unsafe.Add(ref given, index) & Unsafe.Add(ref mask, index)) != Unsafe.Add(ref bytes, index))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The time that all points of a group have, in nanoseconds since 1970; 0, which no point may have, where they do not have one.</summary>
    public static ulong TimeOf(ShapeGroup group, ReadOnlySpan<byte> rest)
    {
        ulong time = BinaryPrimitives.ReadUInt64LittleEndian(rest[group.Times[0]..]);
        ulong difference = 0;
        foreach (int place in group.Times)
        {
            difference |= BinaryPrimitives.ReadUInt64LittleEndian(rest[place..]) ^ time;
        }

        return difference == 0 ? time : 0;
    }
}
