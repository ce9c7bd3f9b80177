using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Hostwire.Diagnostics;

/// <summary>An event as one JSON object on one line: <c>time, level, component, msg</c>, then the fields, numbers and booleans as such.</summary>
internal static class JsonLine
{
    // Letters of every script stay readable; control, format and separator characters are escaped by this encoder as by every other.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>The line, without the line feed.</summary>
    public static string Of(in LogEvent log)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        json.WriteString("time"u8, log.Time.UtcDateTime.ToString(LogTime.Format, CultureInfo.InvariantCulture));
        json.WriteString("level"u8, log.LevelName);
        json.WriteString("component"u8, log.Component);
        json.WriteString("msg"u8, log.Message);
        foreach ((string name, object? value) in log.Fields)
        {
            if (name is not LogField.Template)
            {
                Write(json, LogField.Name(name), value);
            }
        }

        if (log.Error is not null)
        {
            json.WriteString("error"u8, ErrorText.Of(log.Error));
            if (log.WithStack)
            {
                json.WriteString("stack"u8, log.Error.ToString());
            }
        }

        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: json.WriteNull(name); break;
            case bool flag: json.WriteBoolean(name, flag); break;
            case int number: json.WriteNumber(name, number); break;
            case long number: json.WriteNumber(name, number); break;
            case ulong number: json.WriteNumber(name, number); break;
            case double number when double.IsFinite(number): json.WriteNumber(name, number); break;
            default: json.WriteString(name, LogField.Text(value)); break;
        }
    }
}
