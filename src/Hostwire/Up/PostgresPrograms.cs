using System.Globalization;
using Hostwire.Diagnostics;

namespace Hostwire.Up;

/// <summary>The programs of an installed PostgreSQL.</summary>
internal sealed record PostgresPrograms(string Folder)
{
    private const string Debian = "/usr/lib/postgresql";
    private const string RedHat = "/usr/pgsql-";

    public string Initdb => Path.Combine(Folder, "initdb");

    public string Postgres => Path.Combine(Folder, "postgres");

    /// <summary>As one would type it: the plain name where it is on the path.</summary>
    public string Psql(IEnumerable<string> searchPath) => searchPath.Any(folder => File.Exists(Path.Combine(folder, "psql"))) ? "psql" : Path.Combine(Folder, "psql");

    /// <summary>The newest version that Debian's packages or the PostgreSQL project's for Red Hat installed, else what is on the path.</summary>
    /// <param name="version">The version to take, since data belongs to one; null: the newest.</param>
    /// <exception cref="UserException">There is none.</exception>
    public static PostgresPrograms Find(int? version) =>
        Find(version, Installed(), SearchPath()) ?? throw new UserException(version is null
            ? "PostgreSQL is not installed: run \"apt-get install postgresql\" (with \"create_main_cluster = false\" in /etc/postgresql-common/createcluster.conf it starts no server of its own), or set HOSTWIRE_POSTGRES_URI to use a database elsewhere."
            : $"The data is of PostgreSQL {version}, which is not installed: run \"apt-get install postgresql-{version}\".");

    internal static PostgresPrograms? Find(int? version, IEnumerable<(int Version, string Folder)> installed, IEnumerable<string> searchPath)
    {
        IEnumerable<string> folders = installed
            .Where(candidate => version is null || candidate.Version == version)
            .OrderByDescending(candidate => candidate.Version)
            .Select(candidate => candidate.Folder)
            .Concat(searchPath);
        return folders.Select(folder => new PostgresPrograms(folder)).FirstOrDefault(programs => IsThere(programs.Initdb) && IsThere(programs.Postgres));
    }

    internal static string[] SearchPath() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);

    // A link stays when the package it led to goes, and counts as a file all the same.
    private static bool IsThere(string path) => File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is not { Exists: false };

    private static IEnumerable<(int Version, string Folder)> Installed()
    {
        IEnumerable<string> debian = Directory.Exists(Debian) ? Directory.EnumerateDirectories(Debian) : [];
        IEnumerable<string> redHat = Directory.Exists("/usr") ? Directory.EnumerateDirectories("/usr", Path.GetFileName(RedHat) + "*") : [];
        foreach (string folder in debian.Concat(redHat))
        {
            string name = folder.StartsWith(RedHat, StringComparison.Ordinal) ? folder[RedHat.Length..] : Path.GetFileName(folder);
            if (int.TryParse(name, CultureInfo.InvariantCulture, out int version))
            {
                yield return (version, Path.Combine(folder, "bin"));
            }
        }
    }
}
