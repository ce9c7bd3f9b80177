using System.Collections;
using System.Globalization;
using System.Text;

namespace Hostwire.Diagnostics;

/// <summary>How the fields of an event are spelt, whichever form the line has.</summary>
internal static class LogField
{
    /// <summary>The entry under which <c>[LoggerMessage]</c> hands over its template; it is no field.</summary>
    public const string Template = "{OriginalFormat}";

    /// <summary><c>RecordsDropped</c> becomes <c>records_dropped</c>; a name that the line itself uses gets a trailing underscore.</summary>
    public static string Name(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        for (int i = 0; i < name.Length; i++)
        {
            // A run of capitals is one word: TopicID becomes topic_id.
            if (char.IsUpper(name[i]) && i > 0 && (char.IsLower(name[i - 1]) || (char.IsUpper(name[i - 1]) && i + 1 < name.Length && char.IsLower(name[i + 1]))))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        string spelt = text.ToString();
        return spelt is "time" or "level" or "component" or "msg" or "error" or "stack" ? spelt + "_" : spelt;
    }

    /// <summary>The value as text, in the invariant culture; the members of a list separated by commas.</summary>
    public static string Text(object? value) => value switch
    {
        null => "null",
        string text => text,
        bool flag => flag ? "true" : "false",
        DateTimeOffset time => time.ToUniversalTime().ToString(LogTime.Format, CultureInfo.InvariantCulture),
        Exception error => ErrorText.Of(error),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable list => string.Join(',', list.Cast<object?>().Select(Text)),
        _ => value.ToString() ?? "",
    };
}
