using Hostwire.Otlp;
using Hostwire.Sink;

namespace Hostwire.Tests.Sink;

/// <summary>Ways from the wire to what the sink makes of it.</summary>
internal static class Decoded
{
    public const ulong Nanos = 1_700_000_000_123_456_789;

    /// <summary>The rules that a new database holds.</summary>
    public static FrameRules Rules { get; } = new(240, ["telemetry.*", "process.command_line", "process.command_args"]);

    /// <summary>A set of these attributes, given in this order.</summary>
    public static AttributeSet Attributes(params byte[][] attributes)
    {
        byte[] record = OtlpRecord.Of(OtlpRecord.Resource([], OtlpRecord.Gauge("m", OtlpRecord.Point(Nanos, 1, attributes))));
        DecodedRecord decoded = Decode(record);
        var set = new AttributeSet();
        foreach (DecodedAttribute attribute in decoded.AttributesOf(decoded.Points[0]))
        {
            set.Add(record, attribute);
        }

        return set;
    }

    /// <summary>Decodes; the record must be good.</summary>
    public static DecodedRecord Decode(byte[] record)
    {
        var decoded = new DecodedRecord();
        Assert.Equal(DecodeResult.Ok, OtlpDecoder.TryDecode(record, decoded));
        return decoded;
    }

    /// <summary>A record as the consumer gives it.</summary>
    public static RawRecord Raw(byte[]? value, byte[]? key = null, long offset = 0) =>
        new(new PartitionClaim(new("t", 0), "c", "i", epoch: 1, nextOffset: 0), offset, key is null ? null : (ReadOnlyMemory<byte>?)key, value is null ? null : (ReadOnlyMemory<byte>?)value, TimeMillis: 0);
}
