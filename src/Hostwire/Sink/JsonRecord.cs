using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>Reads records that are JSON, OTLP's or the original demo's, by writing them as OTLP protobuf. Used for record after record.</summary>
/// <remarks>
/// No header and no setting says which form a record has; its bytes do. A request that has a point has the tag 0x12 in it, of
/// <c>scope_metrics</c>. Valid JSON has no such byte, and the longer ways to write that tag need a zero byte or four
/// continuation bytes in a row, which UTF-8 does not have either. So no record has points by both readings, and asking the protobuf decoder first, as
/// the common case deserves, never mistakes one form for the other.
/// </remarks>
internal sealed class JsonRecord
{
    private const byte ScopeMetricsTag = (byte)OtlpTag.ResourceMetricsScopeMetrics;
    private const long NanosPerMicro = 1_000;
    private const long NanosPerMilli = 1_000_000;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = OtlpJsonReader.MaxDepth };

    private readonly WireBuilder _protobuf = new();

    /// <summary>The record as OTLP protobuf; valid until the next one is read.</summary>
    public ReadOnlySpan<byte> Protobuf => _protobuf.Written;

    /// <summary>Whether a record that the protobuf decoder finds no point in is meant to be JSON.</summary>
    public static bool IsMeant(ReadOnlySpan<byte> record)
    {
        // Some programs put a byte order mark before it, which JSON must not have: they are told so.
        bool isText = record.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..] || record.StartsWith("\uFEFF"u8);

        // A line feed is also the first byte of a request: of one that was cut off, people want to be told that.
        return isText && (record[0] != OtlpTag.RequestResourceMetrics || !record.Contains(ScopeMetricsTag));
    }

    /// <summary>Reads a record; null, or one sentence for people that says why it cannot be and where.</summary>
    public string? Read(in RawRecord record)
    {
        _protobuf.Clear();
        ReadOnlySpan<byte> json = record.Value.GetValueOrDefault().Span;
        int position = InvalidUtf8(json);
        if (position >= 0)
        {
            return $"The JSON is not UTF-8 at byte {position}.";
        }

        try
        {
            return IsSystemMetrics(json) ? ReadSystemMetrics(json, record) : OtlpJsonReader.Read(json, _protobuf);
        }
        catch (JsonException error)
        {
            return $"The JSON is malformed, or nested more than {OtlpJsonReader.MaxDepth} deep, at byte {PositionOf(error, json)}.";
        }
        catch (InvalidOperationException)
        {
            // From the reader of JSON.
            return $"The text in the JSON at byte {HalfCharacter(json)} has half of a character that takes two \\u escapes.";
        }
    }

    private string? ReadSystemMetrics(ReadOnlySpan<byte> json, in RawRecord record)
    {
        if (record.TimeMillis is <= 0 or > (long)(ulong.MaxValue / NanosPerMilli) - 1)
        {
            return "The record has no time that its points could have.";
        }

        // A broker stamps many records with one millisecond: the offset keeps those of a host apart, the same way whenever they are read.
        long nanos = record.Offset % 1_000 * NanosPerMicro;
        return SystemMetricsReader.Read(json, ((ulong)record.TimeMillis * NanosPerMilli) + (ulong)nanos, _protobuf);
    }

    private static bool IsSystemMetrics(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        bool isObject = reader.TokenType == JsonTokenType.StartObject;
        bool isSystemMetrics = false;
        while (isObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("resourceMetrics"u8))
            {
                return false;
            }

            isSystemMetrics |= reader.ValueTextEquals(SystemMetricsReader.Scope);
            reader.Skip();
        }

        return isSystemMetrics;
    }

    private static int InvalidUtf8(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
        {
            return -1;
        }

        int position = 0;
        while (Rune.DecodeFromUtf8(text[position..], out _, out int length) == System.Buffers.OperationStatus.Done)
        {
            position += length;
        }

        return position;
    }

    private static long HalfCharacter(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        try
        {
            while (reader.Read() && (!reader.ValueIsEscaped || reader.GetString() is not null))
            {
            }
        }
        catch (InvalidOperationException)
        {
        }

        return reader.TokenStartIndex;
    }

    private static long PositionOf(JsonException error, ReadOnlySpan<byte> json)
    {
        long position = error.BytePositionInLine ?? 0;
        for (long line = error.LineNumber ?? 0; line > 0; line--)
        {
            int lineLength = json.IndexOf((byte)'\n') + 1;
            position += lineLength;
            json = json[lineLength..];
        }

        return position;
    }
}
