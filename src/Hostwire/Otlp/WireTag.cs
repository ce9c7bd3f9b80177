namespace Hostwire.Otlp;

/// <summary>The tag before each field on protobuf's wire: field number and wire type in one number.</summary>
internal static class WireTag
{
    public const uint Varint = 0;
    public const uint Fixed64 = 1;
    public const uint Length = 2;
    public const uint StartGroup = 3;
    public const uint EndGroup = 4;
    public const uint Fixed32 = 5;

    /// <summary>The wire type of a tag.</summary>
    public static uint Type(uint tag) => tag & 7;

    /// <summary>The field number of a tag.</summary>
    public static uint Number(uint tag) => tag >> 3;
}
