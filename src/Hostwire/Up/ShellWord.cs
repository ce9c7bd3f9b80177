namespace Hostwire.Up;

/// <summary>Words of a command that is printed for pasting.</summary>
internal static class ShellWord
{
    /// <summary>The word as it is where the shell reads it so, else in single quotes.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(character => char.IsAsciiLetterOrDigit(character) || "_-./:@%+=,".Contains(character, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
