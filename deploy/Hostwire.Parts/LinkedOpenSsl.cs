using System.Text;
using System.Text.RegularExpressions;

namespace Hostwire.Parts;

/// <summary>The OpenSSL that is linked into librdkafka. No package names it, and of all that is in there it is what most often has a vulnerability.</summary>
public static partial class LinkedOpenSsl
{
    /// <summary>Its version, from the text that OpenSSL has in itself: <c>OpenSSL 3.5.8 25 Aug 2026</c>.</summary>
    /// <param name="library">The library's file.</param>
    /// <exception cref="InvalidDataException">There is no such text.</exception>
    public static string Version(string library)
    {
        Match match = Banner().Match(Encoding.Latin1.GetString(File.ReadAllBytes(library)));
        return match.Success ? match.Groups["version"].Value : throw new InvalidDataException($"{library} does not say which OpenSSL is in it.");
    }

    [GeneratedRegex(@"OpenSSL (?<version>\d+\.\d+\.\d+[a-z]?) \d", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Banner();
}
