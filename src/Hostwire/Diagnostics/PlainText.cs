using System.Globalization;
using System.Text;

namespace Hostwire.Diagnostics;

/// <summary>Text that may have come off the wire, made harmless for a terminal and a line: nothing in it can end the line, move the cursor, change colours or turn the text round.</summary>
internal static class PlainText
{
    /// <summary>The text, with what is dangerous as <c>\n</c>, <c>\t</c>, <c>\u001b</c> and so on.</summary>
    public static string Of(string text)
    {
        var plain = new StringBuilder(text.Length);
        Append(plain, text, escapesQuotes: false);
        return plain.ToString();
    }

    /// <summary>Appends the text; within quotes, quotes and backslashes are escaped too.</summary>
    public static void Append(StringBuilder line, string text, bool escapesQuotes)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char character = text[i];
            if (char.IsHighSurrogate(character) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                AppendPair(line, character, text[++i]);
                continue;
            }

            _ = character switch
            {
                '"' when escapesQuotes => line.Append("\\\""),
                '\\' when escapesQuotes => line.Append("\\\\"),
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                '\t' => line.Append("\\t"),
                _ when MustEscape(char.GetUnicodeCategory(character)) => line.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => line.Append(character),
            };
        }
    }

    private static void AppendPair(StringBuilder line, char high, char low)
    {
        if (MustEscape(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(high, low))))
        {
            line.Append(CultureInfo.InvariantCulture, $"\\u{(int)high:x4}\\u{(int)low:x4}");
            return;
        }

        line.Append(high).Append(low);
    }

    // Format characters are invisible, and some reverse the direction of the text after them.
    private static bool MustEscape(UnicodeCategory category) => category is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned;
}
