using System.Text;

namespace Hostwire.Configuration;

/// <summary>Lists as one text, as environment variables and flags have them: items separated by commas. A comma inside an item is written <c>\,</c>.</summary>
internal static class ListText
{
    /// <summary>The items, without the blanks around them. A comma alone, which an environment variable may need to say "none", is an empty list.</summary>
    public static string[] Split(string text)
    {
        var items = new List<string>();
        var item = new StringBuilder();
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] == ',')
            {
                items.Add(item.ToString().Trim());
                item.Clear();
                continue;
            }

            // Any other backslash is the item's own, and so is what it stands before: of \\, the comma is not taken by the second one.
            if (text[at] == '\\' && at + 1 < text.Length && text[++at] != ',')
            {
                item.Append('\\');
            }

            item.Append(text[at]);
        }

        items.Add(item.ToString().Trim());
        return [.. items.Where(entry => entry.Length > 0)];
    }

    /// <summary>The items as one text.</summary>
    public static string Join(IEnumerable<string> items) => string.Join(',', items.Select(Escape));

    private static string Escape(string item)
    {
        var text = new StringBuilder();
        for (int at = 0; at < item.Length; at++)
        {
            text.Append(item[at] == ',' ? "\\," : item[at].ToString());
            if (item[at] == '\\' && at + 1 < item.Length)
            {
                text.Append(item[++at]);
            }
        }

        return text.ToString();
    }

    /// <summary>The items as TOML writes them: <c>["veth*", "lo"]</c>.</summary>
    public static string ToToml(IEnumerable<string> items) => $"[{string.Join(", ", items.Select(item => Quote(item)))}]";

    /// <summary>Text as TOML writes it, in double quotes.</summary>
    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
