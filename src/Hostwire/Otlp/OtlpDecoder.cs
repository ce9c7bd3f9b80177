namespace Hostwire.Otlp;

/// <summary>Decodes OTLP metrics (an <c>ExportMetricsServiceRequest</c>, the same on the wire as <c>MetricsData</c>) from protobuf.</summary>
/// <remarks>
/// Accepts what a protobuf parser accepts and refuses what it refuses: fields in any order, repeated, unknown, messages given in pieces. Besides,
/// it refuses what cannot be stored, see <see cref="DecodeError"/>. It never throws, allocates only to let its output grow, and takes
/// time and memory in proportion to the record's bytes, whatever they are.
/// </remarks>
public static class OtlpDecoder
{
    /// <summary>The most points, buckets and quantiles, all together, that a record may have; far beyond what fits into a Kafka record of ordinary size.</summary>
    public const int MaxPoints = 1_000_000;

    /// <summary>The most attributes, of all resources and points, that a record may have.</summary>
    public const int MaxAttributes = 2_000_000;

    /// <summary>Decodes a record. The ranges in <paramref name="into"/> refer to <paramref name="record"/>'s bytes.</summary>
    /// <returns>
    /// Ok, or why the record was refused. A malformed record is always reported as malformed, unless one of the two limits was reached first.
    /// </returns>
    public static DecodeResult TryDecode(ReadOnlySpan<byte> record, DecodedRecord into)
    {
        into.Clear();
        var parser = new OtlpParser(record, into);
        return parser.ReadRequest();
    }
}
