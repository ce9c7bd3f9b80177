using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>
/// One <c>ResourceMetrics</c> of a record, its resource in front of everything else, as all senders write it. A record is a list of these, and each, with
/// the tag and length before it, is a record in itself.
/// </summary>
/// <param name="Whole">The field in the record, tag and length included.</param>
/// <param name="Resource">The bytes of the resource.</param>
/// <param name="Rest">What follows the resource: its metrics, by scope.</param>
internal readonly record struct RecordPart(ByteRange Whole, ByteRange Resource, ByteRange Rest)
{
    /// <summary>Reads the part at <paramref name="position"/> and moves behind it; false where something else stands there.</summary>
    public static bool TryRead(ReadOnlySpan<byte> record, ref int position, out RecordPart part)
    {
        part = default;
        int start = position;
        if (!TryReadLength(record, OtlpTag.RequestResourceMetrics, ref position, out int length))
        {
            return false;
        }

        int end = position + length;
        ReadOnlySpan<byte> message = record[..end];
        if (!TryReadLength(message, OtlpTag.ResourceMetricsResource, ref position, out length))
        {
            return false;
        }

        var resource = new ByteRange(position, length);
        part = new RecordPart(new ByteRange(start, end - start), resource, new ByteRange(resource.End, end - resource.End));
        position = end;
        return true;
    }

    // Varints of up to four bytes: what is longer is no record that fits here.
    private static bool TryReadLength(ReadOnlySpan<byte> message, uint tag, ref int position, out int length)
    {
        length = 0;
        if (position >= message.Length || message[position] != tag)
        {
            return false;
        }

        position++;
        for (int shift = 0; shift < 28 && position < message.Length; shift += 7)
        {
            byte next = message[position++];
            length |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                return length <= message.Length - position;
            }
        }

        return false;
    }
}
