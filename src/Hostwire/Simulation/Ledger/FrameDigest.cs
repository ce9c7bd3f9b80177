using System.Buffers.Binary;
using System.Globalization;

namespace Hostwire.Simulation.Ledger;

/// <summary>128 bits over the names and values of all points that a host has under one time.</summary>
/// <param name="Bits">The first 16 bytes of the SHA-256, most significant first.</param>
internal readonly record struct FrameDigest(UInt128 Bits)
{
    /// <summary>How many bytes of the hash are kept.</summary>
    public const int Length = 16;

    /// <summary>From a hash.</summary>
    public static FrameDigest FromHash(ReadOnlySpan<byte> hash) => new(BinaryPrimitives.ReadUInt128BigEndian(hash));

    /// <summary>From 32 hexadecimal digits.</summary>
    public static bool TryParse(string? text, out FrameDigest digest)
    {
        bool parsed = UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 bits) && text!.Length == 2 * Length;
        digest = new FrameDigest(bits);
        return parsed;
    }

    /// <summary>Writes what <see cref="ToString"/> says; <paramref name="target"/> has room for it.</summary>
    public void Format(Span<char> target) => Bits.TryFormat(target, out _, "x32", CultureInfo.InvariantCulture);

    /// <summary>32 hexadecimal digits, lower case.</summary>
    public override string ToString() => Bits.ToString("x32", CultureInfo.InvariantCulture);
}
