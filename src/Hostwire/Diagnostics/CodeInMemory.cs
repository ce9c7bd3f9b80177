using System.Globalization;
using System.Runtime.InteropServices;

namespace Hostwire.Diagnostics;

/// <summary>Pages of program files in memory: what only the start of a long-lived process needed is given back to the system.</summary>
internal static partial class CodeInMemory
{
    private const int DontNeed = 4;

    /// <summary>
    /// Takes the pages of code and constants of the program and its libraries out of this process. Those that are needed again come back from the file's pages in the system's memory, which
    /// costs microseconds. Pages that this process has written are its own and stay.
    /// </summary>
    public static void Release()
    {
        try
        {
            (nuint Start, nuint Length)? mapping = null;
            foreach (string line in File.ReadLines("/proc/self/smaps"))
            {
                // A mapping begins with its address in lower case, and two dozen lines of what it is like follow.
                if (!char.IsAsciiLetterUpper(line[0]))
                {
                    mapping = ReadMapping(line);
                }
                else if (mapping is { } unwritten && line.StartsWith("Anonymous:", StringComparison.Ordinal) && line.EndsWith(" 0 kB", StringComparison.Ordinal))
                {
                    // Advice only: where it is not taken, nothing has changed.
                    _ = Advise(unwritten.Start, unwritten.Length, DontNeed);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Without /proc/self/smaps, as some sandboxes have it, it keeps what it has.
        }
    }

    /// <summary>Reads the first line of a mapping: <c>55e0-55f0 r-xp 00000000 fe:00 1234 /usr/bin/hostwire</c>; null where it is not a file's, or can be written.</summary>
    private static (nuint Start, nuint Length)? ReadMapping(string line)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int dash = fields[0].IndexOf('-', StringComparison.Ordinal);
        return fields.Length > 5 && fields[5].StartsWith('/') && fields[1] is "r-xp" or "r--p"
            && dash >= 0
            && nuint.TryParse(fields[0].AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out nuint start)
            && nuint.TryParse(fields[0].AsSpan(dash + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out nuint end)
            ? (start, end - start)
            : null;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint start, nuint length, int advice);
}
