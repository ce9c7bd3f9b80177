using System.Buffers;
using System.Text;
using System.Text.Json;
using Hostwire.Otlp;

namespace Hostwire.Tests.Otlp;

/// <summary>Ways from OTLP's JSON to its protobuf and back.</summary>
internal static class OtlpJson
{
    /// <summary>As our reader writes it; the JSON must be good.</summary>
    public static byte[] ToProtobuf(ReadOnlySpan<byte> json)
    {
        var output = new WireBuilder();
        string? refusal = OtlpJsonReader.Read(json, output);
        Assert.True(refusal is null, $"{refusal} {Encoding.UTF8.GetString(json)}");
        return output.Written.ToArray();
    }

    /// <inheritdoc cref="ToProtobuf(ReadOnlySpan{byte})"/>
    public static byte[] ToProtobuf(string json) => ToProtobuf(Encoding.UTF8.GetBytes(json));

    /// <summary>Why our reader does not take it; null where it does.</summary>
    public static string? Refusal(string json)
    {
        try
        {
            return OtlpJsonReader.Read(Encoding.UTF8.GetBytes(json), new WireBuilder());
        }
        catch (JsonException)
        {
            return "no JSON";
        }
    }

    /// <summary>As our writer writes it; the record must be good.</summary>
    public static byte[] Of(ReadOnlySpan<byte> record)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(OtlpJsonWriter.Write(record, output, indented: false).IsOk);
        return output.WrittenSpan.ToArray();
    }
}
