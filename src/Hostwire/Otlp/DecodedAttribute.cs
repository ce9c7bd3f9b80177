namespace Hostwire.Otlp;

/// <summary>One attribute of a resource or a point. Keys may repeat, as on the wire; read the value with <see cref="AnyValueReader"/>.</summary>
/// <param name="Key">The key, UTF-8.</param>
/// <param name="Value">The bytes of the <c>AnyValue</c> message; or, where <paramref name="IsSplit"/>, of the whole <c>KeyValue</c>.</param>
/// <param name="IsSplit">The value came in several pieces, which protobuf merges; no known sender does this.</param>
public readonly record struct DecodedAttribute(ByteRange Key, ByteRange Value, bool IsSplit);
