using System.Text;

namespace Hostwire.Diagnostics;

/// <summary>An exception as one line for people: what was thrown and what it was thrown for, without stack traces.</summary>
public static class ErrorText
{
    // Deeper chains only wrap what was said already.
    private const int CausesMax = 8;

    /// <summary><c>NpgsqlException: message, because SocketException: message</c>; of a <see cref="UserException"/> the message alone.</summary>
    public static string Of(Exception error)
    {
        var text = new StringBuilder();
        int causes = 0;
        for (Exception? cause = error; cause is not null && causes < CausesMax; cause = cause.InnerException)
        {
            string said = cause is UserException ? cause.Message : $"{cause.GetType().Name}: {cause.Message}";
            // Many wrappers repeat their cause word for word.
            if (causes > 0 && text.ToString().Contains(cause.Message, StringComparison.Ordinal))
            {
                continue;
            }

            text.Append(causes++ > 0 ? ", because " : "").Append(said.AsSpan().TrimEnd('.'));
        }

        return text[^1] is '?' or '!' ? text.ToString() : text.Append('.').ToString();
    }
}
