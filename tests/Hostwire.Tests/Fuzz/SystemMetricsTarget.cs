using System.Text.Json;
using Hostwire.Otlp;
using Hostwire.Sink;
using Hostwire.Tests.Sink;

namespace Hostwire.Tests.Fuzz;

/// <summary>The reader of the original demo's JSON: as many points as there are numbers, each with the value that .NET's own parser finds.</summary>
internal sealed class SystemMetricsTarget : FuzzTarget
{
    private static readonly byte[][] Records =
    [
        [.. """{"hostname": "web-1", "system_metrics": {"total_cpu": 12.5, "current_cpu_frequency": 2400.0, "memory_use": 9007199254740993, "network_traffic_in": "10"}}"""u8],
        [.. """{"system_metrics":{"available_memory":1e3,"percent_memory_use":null,"x":"NaN","y":-0},"hostname":"\u0061","timestamp":[1,{"a":"b"}]}"""u8],
        [.. """ { "hostname" : null , "system_metrics" : { } } """u8],
    ];

    private readonly JsonRecord _json = new();
    private readonly DecodedRecord _decoded = new();

    protected override byte[][] Originals => Records;

    public override void Check(byte[] input)
    {
        string? refusal = Bounded(input, () => _json.Read(Decoded.Raw(input) with { TimeMillis = 1_700_000_000_000 }));
        if (refusal is not null)
        {
            Assert.EndsWith(".", refusal, StringComparison.Ordinal);
            return;
        }

        DecodeResult result = OtlpDecoder.TryDecode(_json.Protobuf, _decoded);
        using JsonDocument document = JsonDocument.Parse(input);
        JsonElement[] members = [.. document.RootElement.EnumerateObject().Where(member => member.Name == "system_metrics" && member.Value.ValueKind == JsonValueKind.Object)
            .SelectMany(member => member.Value.EnumerateObject()).Where(member => member.Value.ValueKind != JsonValueKind.Null && member.Name.Length > 0).Select(member => member.Value)];
        if (members.Length == 0 || !result.IsOk)
        {
            // A metric whose name is empty is refused by the decoder.
            return;
        }

        Assert.Equal(members.Length, _decoded.Points.Length);
        for (int index = 0; index < members.Length; index++)
        {
            if (members[index].ValueKind == JsonValueKind.Number)
            {
                Assert.Equal(members[index].GetDouble(), _decoded.Points[index].Value);
            }
        }
    }
}
