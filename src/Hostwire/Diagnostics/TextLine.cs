using System.Buffers;
using System.Globalization;
using System.Text;

namespace Hostwire.Diagnostics;

/// <summary>
/// An event as <c>key=value</c> pairs on one line. A value with anything but plain characters is quoted, and what could end the line, move the cursor or turn the
/// text round is escaped, so that a host name off the wire cannot forge an event.
/// </summary>
internal static class TextLine
{
    private const int LongValue = 40;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:@+,;%!?*()[]{}<>|&$#^");

    /// <summary>The line, without the line feed.</summary>
    public static string Of(in LogEvent log)
    {
        var line = new StringBuilder(256);
        line.Append(CultureInfo.InvariantCulture, $"time={log.Time.UtcDateTime.ToString(LogTime.Format, CultureInfo.InvariantCulture)} level={log.LevelName}");
        Append(line, "component", log.Component);
        Append(line, "msg", log.Message);
        foreach ((string name, object? value) in log.Fields)
        {
            string text = LogField.Text(value);
            if (name is not LogField.Template && !IsSaid(text, log.Message))
            {
                Append(line, LogField.Name(name), text);
            }
        }

        if (log.Error is not null)
        {
            Append(line, "error", ErrorText.Of(log.Error));
            if (log.WithStack)
            {
                Append(line, "stack", log.Error.ToString());
            }
        }

        return line.ToString();
    }

    // A sentence or a long list within the sentence is not repeated for people. JSON, which programs read, keeps it as a field.
    private static bool IsSaid(string value, string message) =>
        (value.EndsWith('.') || value.Length > LongValue) && value.Contains(' ', StringComparison.Ordinal) && message.Contains(value, StringComparison.Ordinal);

    private static void Append(StringBuilder line, string name, string value)
    {
        line.Append(' ').Append(name).Append('=');
        if (value.Length > 0 && !value.AsSpan().ContainsAnyExcept(Plain))
        {
            line.Append(value);
            return;
        }

        line.Append('"');
        PlainText.Append(line, value, escapesQuotes: true);
        line.Append('"');
    }
}
