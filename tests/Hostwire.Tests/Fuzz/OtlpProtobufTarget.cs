using CsCheck;
using Hostwire.Otlp;
using Hostwire.Tests.Otlp;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Fuzz;

/// <summary>The decoder of OTLP protobuf, held against the parser that protoc generates: the same values, the same refusals.</summary>
internal sealed class OtlpProtobufTarget : FuzzTarget
{
    // Making a record takes longer than reading it: most inputs are made of these few thousand, and some anew.
    private const int PoolRecords = 4_000;
    private const uint OneInMade = 16;

    private static readonly Lazy<byte[][]> Pool = new(() => [.. Enumerable.Range(0, PoolRecords).Select(number => Make(new PCG(0, (ulong)number)))]);

    private readonly DecodedRecord _decoded = new();

    protected override byte[][] Originals => Pool.Value;

    public override void Check(byte[] input)
    {
        DecodeResult result = Bounded(input, () => OtlpDecoder.TryDecode(input, _decoded));
        OtlpComparison.Compare(input, result, _decoded);
    }

    // Two requests, one behind the other, are one request.
    protected override byte[] Other(PCG random) => random.Next(OneInMade) == 0 ? Make(random) : [.. Valid(random), .. Valid(random)];

    private static byte[] Make(PCG random) => new WireGenerator(random).Message(ExportMetricsServiceRequest.Descriptor);
}
