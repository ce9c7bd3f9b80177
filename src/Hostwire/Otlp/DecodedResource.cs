namespace Hostwire.Otlp;

/// <summary>Who or what the metrics of one <c>ResourceMetrics</c> are about.</summary>
/// <param name="AttributeStart">Index of its first attribute in <see cref="DecodedRecord.Attributes"/>.</param>
/// <param name="AttributeCount">Number of its attributes.</param>
/// <param name="Raw">
/// The bytes of the <c>Resource</c> message: equal bytes mean an equal resource. Length 0 though there are attributes: the message
/// came in several pieces, which were merged, and there is no one stretch of bytes to compare.
/// </param>
public readonly record struct DecodedResource(int AttributeStart, int AttributeCount, ByteRange Raw);
