using System.Reflection;

namespace Hostwire.Diagnostics;

/// <summary>Which Hostwire this is.</summary>
public static class ProductVersion
{
    private const int CommitLengthShown = 12;

    /// <summary>The version, e.g. <c>0.1.0</c>, without the commit.</summary>
    public static string Number => Split().Number;

    /// <summary>The version and, where it is known, the commit it was built from: <c>0.1.0 (commit 5418d34b9c1a)</c>.</summary>
    public static string Text => Split() is (string number, { Length: > 0 } commit)
        ? $"{number} (commit {commit[..Math.Min(commit.Length, CommitLengthShown)]})"
        : Number;

    // MinVer makes VERSION+COMMIT of the nearest tag; a build from a source archive knows no commit.
    private static (string Number, string Commit) Split()
    {
        string text = typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        int plus = text.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? (text, "") : (text[..plus], text[(plus + 1)..]);
    }
}
