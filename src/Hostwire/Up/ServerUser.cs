using System.Diagnostics;
using Hostwire.Diagnostics;

namespace Hostwire.Up;

/// <summary>Whom PostgreSQL's programs run as: ourselves, or, since they refuse root, the user that PostgreSQL's packages make.</summary>
internal sealed class ServerUser(bool isRoot)
{
    private const string Name = "postgres";

    private string[] Become => isRoot ? ["--reuid", Name, "--regid", Name, "--init-groups"] : [];

    /// <summary>
    /// A program of PostgreSQL's that gets <paramref name="deathSignal"/> when this process ends, however that happens. <c>sh</c> appends what it says to
    /// <paramref name="log"/>, since a pipe would break with this process; <c>setsid</c> keeps the terminal's Ctrl-C from it, which is for us; and
    /// nothing of our environment, where passwords may be, comes along.
    /// </summary>
    public ProcessStartInfo Command(string log, string deathSignal, IEnumerable<string> command)
    {
        string[] wrapped =
        [
            "-c", """log=$1; shift; exec "$@" >>"$log" 2>&1 </dev/null""", "sh", log,
            "setsid", "setpriv", "--pdeathsig", deathSignal, .. Become, "--", .. command,
        ];
        var start = new ProcessStartInfo("/bin/sh", wrapped) { UseShellExecute = false, WorkingDirectory = "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin:/usr/sbin:/sbin";
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    /// <summary>Makes an empty folder that is that user's alone.</summary>
    /// <exception cref="UserException">There is no such user, or it cannot get there.</exception>
    public async Task MakeFolderAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!isRoot)
        {
            return;
        }

        if (!await SucceedsAsync("id", ["-u", Name], cancellationToken))
        {
            throw new UserException(
                $"PostgreSQL refuses to run as root, and there is no user {Name} to run it as: run \"useradd --system {Name}\", or hostwire up as another user.");
        }

        await GiveAsync(path, cancellationToken);
        if (!await SucceedsAsync("setpriv", [.. Become, "--", "test", "-r", path], cancellationToken))
        {
            throw new UserException(
                $"PostgreSQL refuses to run as root, and the user {Name} cannot get to {path}: choose a folder that other users can pass through with --data DIR, such as one in /var/lib.");
        }
    }

    /// <summary>Makes a file or folder that user's.</summary>
    public async Task GiveAsync(string path, CancellationToken cancellationToken)
    {
        if (isRoot && !await SucceedsAsync("chown", [$"{Name}:", path], cancellationToken))
        {
            throw new UserException($"{path} cannot be given to the user {Name}, whom PostgreSQL runs as: choose a folder on a local disk with --data DIR.");
        }
    }

    private static async Task<bool> SucceedsAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0;
    }
}
