namespace Hostwire.Parts;

/// <summary>The licences of all parts in one text: what each package ships of its own, else the text of the licence that it names.</summary>
public static class Notices
{
    private const string Rule = "================================================================================";

    /// <summary>Writes them.</summary>
    /// <param name="parts">What the program is made of.</param>
    /// <param name="licenses">The folder with the texts of licences, <c>SPDX-NAME.txt</c>.</param>
    /// <param name="output">Where to.</param>
    /// <exception cref="FileNotFoundException">A part has no text of its own, and its licence is none of those in the folder.</exception>
    public static void Write(IReadOnlyList<Part> parts, string licenses, TextWriter output)
    {
        output.Write("hostwire contains the following software, each under its own licence.\n\n");
        foreach (Part part in parts)
        {
            output.Write($"  {part.Name} {part.Version}{(part.License.Length > 0 ? $": {part.License}" : "")}\n");
        }

        // The packages of one project ship one and the same long text.
        var written = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Part part in parts)
        {
            output.Write($"\n{Rule}\n{part.Name} {part.Version}\n{part.Copyright}\n{part.Project}\n{Rule}\n\n");
            foreach (string file in Texts(part, licenses))
            {
                string text = File.ReadAllText(file).ReplaceLineEndings("\n").Trim('\n', '\uFEFF');
                output.Write(written.TryGetValue(text, out string? owner) ? $"{Path.GetFileName(file)}: the same text as above, under {owner}." : text);
                output.Write("\n\n");
                written.TryAdd(text, $"{part.Name} {part.Version}");
            }
        }
    }

    private static string[] Texts(Part part, string licenses)
    {
        string[] own = [.. Directory.EnumerateFiles(part.Folder).Where(file => IsLegal(Path.GetFileName(file))).Order(StringComparer.Ordinal)];
        bool hasLicense = own.Any(file => Path.GetFileName(file).StartsWith("LICEN", StringComparison.OrdinalIgnoreCase));
        return hasLicense ? own : [TextOf(part, licenses), .. own];
    }

    private static bool IsLegal(string name) =>
        name.StartsWith("LICEN", StringComparison.OrdinalIgnoreCase) || name.StartsWith("THIRD-PARTY", StringComparison.OrdinalIgnoreCase) || name.StartsWith("NOTICE", StringComparison.OrdinalIgnoreCase);

    private static string TextOf(Part part, string licenses)
    {
        string file = Path.Combine(licenses, $"{part.License}.txt");
        return part.License.Length > 0 && File.Exists(file)
            ? file
            : throw new FileNotFoundException($"{part.Name} {part.Version} ships no licence text and names \"{part.License}\": put its text into {licenses}.");
    }
}
