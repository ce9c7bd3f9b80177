using System.IO.Compression;
using System.Text.Json;

namespace Hostwire.Tests.Otlp;

/// <summary>Records that an OpenTelemetry Collector really sent, each with the points that protoc's own parser reads in it.</summary>
internal static class Samples
{
    /// <summary>Those in protobuf.</summary>
    public static readonly string[] Folders = ["collector-default", "collector-all-scrapers"];

    /// <summary>That in JSON.</summary>
    public const string JsonFolder = "collector-json";

    public static IEnumerable<(string Name, byte[] Bytes)> Records(string folder) =>
        Directory.GetFiles(Path.Combine(Root, folder)).Order(StringComparer.Ordinal).Select(path => (Path.GetFileName(path), File.ReadAllBytes(path)));

    /// <summary>The points of each record, by the record's name, in the record's order.</summary>
    public static ILookup<string, JsonElement> Truth(string folder)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(Root, folder + ".jsonl.gz")), CompressionMode.Decompress));
        var points = new List<JsonElement>();
        while (reader.ReadLine() is { } line)
        {
            points.Add(JsonDocument.Parse(line).RootElement);
        }

        return points.ToLookup(point => point.GetProperty("record").GetString()!, StringComparer.Ordinal);
    }

    private static string Root => Path.Combine(AppContext.BaseDirectory, "fixtures", "otlp-samples");
}
