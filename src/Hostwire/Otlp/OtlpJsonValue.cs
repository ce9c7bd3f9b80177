namespace Hostwire.Otlp;

/// <summary>One value of a field on the wire, on its way to JSON.</summary>
/// <param name="Range">Of messages, strings and bytes: where they lie.</param>
/// <param name="Bits">Of numbers: the number.</param>
internal readonly record struct OtlpJsonValue(ByteRange Range, ulong Bits)
{
    /// <summary>Reads a value of one of the three wire types that OTLP's fields have.</summary>
    public static OtlpJsonValue Read(ref WireReader reader, uint wireType) => wireType switch
    {
        WireTag.Length => new OtlpJsonValue(reader.ReadBytes(), 0),
        WireTag.Fixed64 => new OtlpJsonValue(default, reader.ReadFixed64()),
        _ => new OtlpJsonValue(default, reader.ReadVarint()),
    };
}
