using System.Globalization;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>Where PostgreSQL's server programs are: the newest of Debian's, else those on the path.</summary>
internal static class PostgresBinaries
{
    /// <summary>The folder that holds <c>initdb</c> and <c>postgres</c>; null where there is none.</summary>
    public static string? Find()
    {
        const string debian = "/usr/lib/postgresql";
        IEnumerable<string> versions = Directory.Exists(debian)
            ? Directory.EnumerateDirectories(debian)
                .OrderByDescending(path => double.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out double version) ? version : 0)
                .Select(path => Path.Combine(path, "bin"))
            : [];
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return versions.Concat(path).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")) && File.Exists(Path.Combine(bin, "postgres")));
    }
}
