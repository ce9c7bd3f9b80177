using Confluent.Kafka;

namespace Hostwire.Sink;

/// <summary>Copies keys and values out of the client's memory to where the batch at hand keeps them.</summary>
/// <param name="payloads">Those of the batch at hand.</param>
internal sealed class PayloadDeserializer(Func<Payloads> payloads) : IDeserializer<ReadOnlyMemory<byte>?>
{
    /// <inheritdoc/>
    public ReadOnlyMemory<byte>? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => isNull ? null : payloads().Add(Bounded(data));

    // Of what is too long so much is left that it is still too long.
    private static ReadOnlySpan<byte> Bounded(ReadOnlySpan<byte> data) => data.Length > RawRecord.PartBytesMax ? data[..(RawRecord.PartBytesMax + 1)] : data;
}
