using Hostwire.Diagnostics;

namespace Hostwire.Commands;

/// <summary>Writes rows in columns for people. What could move the cursor, change colours or end the line is escaped: cells may hold what came off the wire.</summary>
internal static class TextTable
{
    /// <summary>Writes a heading and rows; each row has a cell for each column.</summary>
    public static void Write(TextWriter output, string[] heading, IEnumerable<string[]> rows)
    {
        List<string[]> all = [heading, .. rows.Select(row => row.Select(PlainText.Of).ToArray())];
        int[] widths = [.. heading.Select((_, column) => all.Max(row => row[column].Length))];
        all.ForEach(row => output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
    }
}
