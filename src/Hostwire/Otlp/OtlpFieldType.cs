namespace Hostwire.Otlp;

/// <summary>The types that OTLP's fields have, named as in a <c>.proto</c>.</summary>
internal enum OtlpFieldType
{
    Message,
    String,
    Bytes,

    /// <summary>Bytes that OTLP's JSON writes in hexadecimal, unlike all others: ids of traces and spans.</summary>
    HexBytes,
    Double,
    Fixed64,
    SFixed64,
    Int64,
    UInt64,
    Int32,
    UInt32,
    SInt32,
    Bool,
}
