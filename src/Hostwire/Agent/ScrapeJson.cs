using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hostwire.Metrics;

namespace Hostwire.Agent;

/// <summary>Writes a scrape as one JSON object: the host, and an array of points, one on each line.</summary>
/// <remarks>
/// <c>{"host": {"name", "id"}, "points": [{"metric", "unit", "kind", "attributes": {}, "time", "value"}]}</c>; id may be null, time is
/// ISO 8601 in UTC, value a number (or one of the strings NaN, Infinity and -Infinity, which JSON has no numbers for).
/// </remarks>
internal static class ScrapeJson
{
    // Device names may hold anything; nothing here ends up in HTML.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the object and a line end.</summary>
    public static void Write(TextWriter output, HostIdentity host, ReadOnlySpan<ScrapePoint> points)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Options);
        WriteHost(writer, host);
        output.Write($"{{\"host\":{Take(writer, buffer)},\"points\":[");
        for (int i = 0; i < points.Length; i++)
        {
            WritePoint(writer, points[i]);
            output.Write(i == 0 ? "\n" : ",\n");
            output.Write(Take(writer, buffer));
        }

        output.Write("\n]}\n");
    }

    private static void WriteHost(Utf8JsonWriter writer, HostIdentity host)
    {
        writer.WriteStartObject();
        writer.WriteString("name", host.Name);
        writer.WriteString("id", host.Id);
        writer.WriteStartObject("attributes");
        foreach ((string key, string value) in host.Attributes)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WritePoint(Utf8JsonWriter writer, ScrapePoint point)
    {
        Metric metric = point.Series.Metric;
        writer.WriteStartObject();
        writer.WriteString("metric", metric.Name);
        writer.WriteString("unit", metric.Unit);
        writer.WriteString("kind", metric.Kind.Name());
        writer.WriteStartObject("attributes");
        foreach ((string key, string value) in point.Series.Attributes)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
        writer.WriteString("time", UnixTime.ToText(point.TimeUnixNano));
        if (point.IsInteger)
        {
            writer.WriteNumber("value", point.Integer);
        }
        else if (double.IsFinite(point.Double))
        {
            writer.WriteNumber("value", point.Double);
        }
        else
        {
            writer.WriteString("value", double.IsNaN(point.Double) ? "NaN" : point.Double > 0 ? "Infinity" : "-Infinity");
        }

        writer.WriteEndObject();
    }

    /// <summary>What was written since the last call.</summary>
    private static string Take(Utf8JsonWriter writer, ArrayBufferWriter<byte> buffer)
    {
        writer.Flush();
        string text = Encoding.UTF8.GetString(buffer.WrittenSpan);
        buffer.ResetWrittenCount();
        writer.Reset();
        return text;
    }
}
