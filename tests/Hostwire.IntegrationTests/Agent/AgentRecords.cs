using System.Text;
using Confluent.Kafka;
using Hostwire.Otlp;

namespace Hostwire.IntegrationTests.Agent;

/// <summary>What an agent's records say, read with the product's decoder.</summary>
internal static class AgentRecords
{
    /// <summary>The times of the groups of a record, in order.</summary>
    public static ulong[] Times(ConsumeResult<byte[], byte[]> record) =>
        [.. Decode(record).Points.ToArray().Select(point => point.TimeUnixNano).Distinct()];

    /// <summary>How many points a record has.</summary>
    public static int CountPoints(ConsumeResult<byte[], byte[]> record) => Decode(record).Points.Length;

    /// <summary>The names of its metrics.</summary>
    public static string[] Metrics(ConsumeResult<byte[], byte[]> record) =>
        [.. Decode(record).Metrics.ToArray().Select(metric => Encoding.UTF8.GetString(metric.Name.In(record.Message.Value))).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether the bytes of the resource hold this text.</summary>
    public static bool ResourceSays(ConsumeResult<byte[], byte[]> record, string text) =>
        Decode(record).Resources[0].Raw.In(record.Message.Value).IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    private static DecodedRecord Decode(ConsumeResult<byte[], byte[]> record)
    {
        var decoded = new DecodedRecord();
        Assert.True(OtlpDecoder.TryDecode(record.Message.Value, decoded).IsOk);
        return decoded;
    }
}
