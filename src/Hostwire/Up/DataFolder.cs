using Hostwire.Diagnostics;

namespace Hostwire.Up;

/// <summary>The folder in which <c>hostwire up</c> keeps everything between runs, and what lies where in it.</summary>
internal sealed record DataFolder(string FullPath)
{
    /// <summary>Names another folder than the default, for <c>up</c> and for the verbs that look for it.</summary>
    public const string Variable = "HOSTWIRE_DATA";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // PostgreSQL refuses to run as root, so its own user has to get through to its folder; what is secret beside that has mode 0600.
    private const UnixFileMode OthersPass = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The private PostgreSQL cluster.</summary>
    public string Cluster => Path.Combine(FullPath, "postgres");

    /// <summary>What the private PostgreSQL had to say since its last start.</summary>
    public string ServerLog => Path.Combine(FullPath, "postgres.log");

    /// <summary>Address and password of the private PostgreSQL as libpq reads them (<c>PGPASSFILE</c>).</summary>
    public string PasswordFile => Path.Combine(FullPath, "pgpass");

    /// <summary>The settings with which other verbs reach what runs here; there only while it runs.</summary>
    public string AddressFile => Path.Combine(FullPath, "up.toml");

    /// <summary>What the agent has not brought to Kafka yet.</summary>
    public string Spool => Path.Combine(FullPath, "agent-spool.db");

    /// <summary>Locked while <c>up</c> runs.</summary>
    public string LockFile => Path.Combine(FullPath, "up.lock");

    /// <summary>The process id of the <c>up</c> that runs, or ran last.</summary>
    public string ProcessIdFile => Path.Combine(FullPath, "up.pid");

    /// <summary><c>HOSTWIRE_DATA</c>, else <c>$XDG_DATA_HOME/hostwire</c>, else <c>~/.local/share/hostwire</c>; for root <c>/var/lib/hostwire</c>, since nobody else gets into root's home.</summary>
    public static DataFolder Default(Func<string, string?> variable, bool isRoot)
    {
        if (variable(Variable) is { Length: > 0 } named)
        {
            return new(Path.GetFullPath(named));
        }

        if (isRoot)
        {
            return new("/var/lib/hostwire");
        }

        // A relative XDG_DATA_HOME is invalid by its specification and to be ignored.
        string share = variable("XDG_DATA_HOME") is { Length: > 0 } data && Path.IsPathRooted(data)
            ? data
            : Path.Combine(variable("HOME") ?? "/", ".local/share");
        return new(Path.Combine(share, "hostwire"));
    }

    /// <summary>Makes it where it is missing.</summary>
    /// <exception cref="UserException">It cannot be made or written to.</exception>
    public void Create(bool isRoot)
    {
        try
        {
            if (!Directory.Exists(FullPath))
            {
                Directory.CreateDirectory(FullPath);
                File.SetUnixFileMode(FullPath, isRoot ? OthersPass : OwnerOnly);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The data folder {FullPath} cannot be made: {error.Message} Choose another one with --data DIR.", error);
        }
    }

    /// <summary>Writes a file that nobody but its owner can read, whole or not at all.</summary>
    public static void WriteSecret(string path, string content)
    {
        string unfinished = path + ".new";
        File.Delete(unfinished);
        using (var stream = new FileStream(unfinished, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(content);
        }

        File.Move(unfinished, path, overwrite: true);
    }
}
