using System.IO.Enumeration;

namespace Hostwire.Collectors;

/// <summary>
/// Patterns for names of devices, as shells have them: <c>*</c> stands for any characters, a slash as well, <c>?</c> for one, and a backslash takes the
/// meaning from the character after it. Capitals count.
/// </summary>
public static class NamePattern
{
    /// <summary>Whether a name is of the pattern.</summary>
    public static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    /// <summary>What is wrong with a pattern, as a sentence that goes on after the setting's key; null where nothing is.</summary>
    public static string? Problem(string pattern)
    {
        for (int at = 0; at < pattern.Length; at++)
        {
            switch (pattern[at])
            {
                case '\\' when at + 1 == pattern.Length:
                    return $"has the pattern \"{pattern}\", which ends in a backslash: put the character behind it that is meant, or \\\\ for a backslash itself.";
                case '\\':
                    at++;
                    break;
                case '[' or ']' or '{' or '}':
                    return $"has the pattern \"{pattern}\": only * and ? stand for others. Write a pattern for each alternative, or a backslash before {pattern[at]} where the name has one.";
                case < ' ':
                    return "has a pattern with a control character in it.";
            }
        }

        return pattern.Length == 0 ? "has an empty pattern: take it away, or write * for every name." : null;
    }
}
