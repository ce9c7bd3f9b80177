using System.Text.Json;
using CsCheck;
using Google.Protobuf;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.Otlp;
using Hostwire.Sink;
using Hostwire.Tests.Otlp;
using Hostwire.Tests.Otlp.Generated;
using Hostwire.Tests.Sink;

namespace Hostwire.Tests.Fuzz;

/// <summary>The reader of OTLP JSON: it takes no text that is no JSON, and where Google's JSON parser takes one too, both read the same message.</summary>
internal sealed class OtlpJsonTarget : FuzzTarget
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);
    private static readonly JsonParser Googles = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true).WithRecursionLimit(1_000));
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = OtlpJsonReader.MaxDepth };

    private readonly JsonRecord _json = new();
    private readonly DecodedRecord _decoded = new();

    protected override byte[][] Originals => [];

    public override void Check(byte[] input)
    {
        string? refusal = Bounded(input, () => _json.Read(Decoded.Raw(input)));
        bool isProtobuf = OtlpDecoder.TryDecode(input, _decoded).IsOk && !_decoded.IsEmpty;
        Assert.False(isProtobuf && refusal is null, "It is protobuf with points and JSON.");
        if (refusal is null)
        {
            using JsonDocument document = JsonDocument.Parse(input, Options);
            DecodeResult result = OtlpDecoder.TryDecode(_json.Protobuf, _decoded);
            Assert.False(result.IsMalformed, $"{result}");
            Assert.NotEmpty(OtlpPath.Of(_json.Protobuf, result.Position));
            CompareWithGoogles(input, document.RootElement);
        }
        else
        {
            Assert.EndsWith(".", refusal, StringComparison.Ordinal);
        }
    }

    protected override byte[] Valid(PCG random)
    {
        byte[] record = new WireGenerator(random).Message(ExportMetricsServiceRequest.Descriptor);
        return GeneratedParser.TryParse(record, out _) ? JsonDisguise.Disguise(OtlpJson.Of(record), new Random((int)random.Next())) : [.. "{\"resourceMetrics\":[]}"u8];
    }

    protected override byte[] Other(PCG random) => Valid(random);

    private void CompareWithGoogles(byte[] input, JsonElement root)
    {
        ExportMetricsServiceRequest theirs;
        try
        {
            theirs = Googles.Parse<ExportMetricsServiceRequest>(System.Text.Encoding.UTF8.GetString(input));
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or InvalidJsonException or FormatException or OverflowException)
        {
            // It takes less: no null in a list, no temporality that is a string of digits.
            return;
        }

        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("system_metrics", out _) && !root.TryGetProperty("resourceMetrics", out _))
        {
            return;
        }

        if (!IsReadOtherwise(root))
        {
            var ours = ExportMetricsServiceRequest.Parser.ParseFrom(_json.Protobuf);
            Exemplars.Clear(theirs);
            Assert.Equal(Formatter.Format(theirs), Formatter.Format(ours));
        }
    }

    // Of a member that is given twice Google's parser takes the last one; as in protobuf, ours takes both together. And it takes numbers for doubles.
    private static bool IsReadOtherwise(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().DistinctBy(member => member.Name, StringComparer.Ordinal).Count() < value.EnumerateObject().Count()
            || value.EnumerateObject().Any(member => IsReadOtherwise(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(IsReadOtherwise),
        JsonValueKind.Number => value.GetRawText().Length > 15 && !value.GetRawText().Contains('.', StringComparison.Ordinal),
        _ => false,
    };
}
