namespace Hostwire.Otlp;

/// <summary>One field of a message.</summary>
/// <param name="Number">The field number.</param>
/// <param name="JsonName">The name in OTLP's JSON.</param>
/// <param name="Type">The type.</param>
/// <param name="Cardinality">How often it may be given.</param>
/// <param name="Message">For messages: which one.</param>
internal readonly record struct OtlpField(
    int Number,
    string JsonName,
    OtlpFieldType Type,
    OtlpCardinality Cardinality = OtlpCardinality.Implicit,
    OtlpMessage Message = OtlpMessage.None)
{
    /// <summary>The wire type of a single value.</summary>
    public uint WireType => Type switch
    {
        OtlpFieldType.Message or OtlpFieldType.String or OtlpFieldType.Bytes or OtlpFieldType.HexBytes => WireTag.Length,
        OtlpFieldType.Double or OtlpFieldType.Fixed64 or OtlpFieldType.SFixed64 => WireTag.Fixed64,
        _ => WireTag.Varint,
    };

    /// <summary>The tag before a single value.</summary>
    public uint Tag => ((uint)Number << 3) | WireType;

    /// <summary>Whether the field may also come as a packed list, one stretch of bytes with many numbers.</summary>
    public bool IsPackable => Cardinality == OtlpCardinality.Repeated && WireType != WireTag.Length;

    /// <summary>Whether a tag belongs to this field; of another wire type it would be an unknown field.</summary>
    public bool Matches(uint tag) =>
        WireTag.Number(tag) == (uint)Number && (WireTag.Type(tag) == WireType || (IsPackable && WireTag.Type(tag) == WireTag.Length));
}
