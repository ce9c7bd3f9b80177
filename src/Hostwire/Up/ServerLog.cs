namespace Hostwire.Up;

/// <summary>What PostgreSQL's programs wrote.</summary>
internal static class ServerLog
{
    private static readonly string[] Marks = ["FATAL:", "PANIC:", "error:", "ERROR:"];

    /// <summary>Begins a new one; the last one stays beside it as <c>.1</c>.</summary>
    public static void Begin(string path)
    {
        if (File.Exists(path))
        {
            File.Move(path, path + ".1", overwrite: true);
        }

        new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }).Dispose();
    }

    /// <summary>The last line that tells of an error, without its time; else the last line.</summary>
    public static string LastError(string path)
    {
        string[] lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        string? line = lines.LastOrDefault(line => Array.Exists(Marks, mark => line.Contains(mark, StringComparison.Ordinal))) ?? lines.LastOrDefault();
        if (line is null)
        {
            return "It said nothing.";
        }

        int start = Marks.Select(mark => line.IndexOf(mark, StringComparison.Ordinal)).Where(index => index >= 0).DefaultIfEmpty(0).Min();
        return line[start..].TrimEnd('.') + '.';
    }
}
