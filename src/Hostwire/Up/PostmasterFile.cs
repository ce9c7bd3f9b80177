using System.Globalization;
using System.Text;

namespace Hostwire.Up;

/// <summary><c>postmaster.pid</c>, which a PostgreSQL server leaves in its data directory while it runs, and after it was killed.</summary>
internal static class PostmasterFile
{
    /// <summary>The process that serves this very directory now; null where none does, whatever an old file says.</summary>
    public static int? RunningServer(string cluster)
    {
        try
        {
            string path = Path.Combine(cluster, "postmaster.pid");
            if (!File.Exists(path) || !int.TryParse(File.ReadLines(path).FirstOrDefault(), CultureInfo.InvariantCulture, out int processId))
            {
                return null;
            }

            // The number may long belong to another process.
            return IsServerOf(File.ReadAllBytes($"/proc/{processId}/cmdline"), cluster) ? processId : null;
        }
        catch (IOException)
        {
            // Either file went away between two steps: the server has just ended.
            return null;
        }
    }

    /// <summary>Whether a command line, as <c>/proc/PID/cmdline</c> shows it, is that of a server of this directory: <c>/usr/lib/postgresql/15/bin/postgres -D DIR ...</c>.</summary>
    internal static bool IsServerOf(ReadOnlySpan<byte> commandLine, string cluster)
    {
        string[] words = Encoding.UTF8.GetString(commandLine).Split('\0');
        int directory = Array.IndexOf(words, "-D") + 1;
        return Path.GetFileName(words[0]) is "postgres" or "postmaster" && directory > 0 && directory < words.Length && string.Equals(words[directory], cluster, StringComparison.Ordinal);
    }
}
