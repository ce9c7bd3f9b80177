using System.Text;

namespace Hostwire.Monitoring;

/// <summary>What a request is answered with.</summary>
/// <param name="Status">The status code and its words, e.g. <c>200 OK</c>.</param>
/// <param name="ContentType">The type of the body.</param>
/// <param name="Body">The body.</param>
internal sealed record HttpAnswer(string Status, string ContentType, byte[] Body)
{
    private const string PlainText = "text/plain; charset=utf-8";

    /// <summary>With lines of text, each of which gets its line end.</summary>
    public static HttpAnswer Text(string status, params IEnumerable<string> lines) =>
        new(status, PlainText, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
}
