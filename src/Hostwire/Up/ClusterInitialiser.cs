using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Hostwire.Diagnostics;

namespace Hostwire.Up;

/// <summary>Makes the private PostgreSQL cluster, once: with data checksums, one role with a random password, and no login without it.</summary>
internal sealed class ClusterInitialiser(DataFolder folder, ServerUser user, ChildStarter starter)
{
    private const int PasswordBytes = 24;

    /// <summary>The major version of the cluster's data; null where there is no cluster yet.</summary>
    public int? Version() => File.Exists(VersionFile) ? int.Parse(File.ReadAllText(VersionFile), CultureInfo.InvariantCulture) : null;

    private string VersionFile => Path.Combine(folder.Cluster, "PG_VERSION");

    /// <summary>Makes it under another name and renames it when it is whole, so that a run that was killed leaves nothing half done.</summary>
    /// <exception cref="UserException">It cannot be made there.</exception>
    public async Task CreateAsync(PostgresPrograms programs, CancellationToken cancellationToken)
    {
        string unfinished = folder.Cluster + ".new";
        string passwordFile = folder.Cluster + ".password";
        Remove(unfinished);
        await user.MakeFolderAsync(unfinished, cancellationToken);
        var password = new PasswordFile(Port: 0, RandomNumberGenerator.GetHexString(2 * PasswordBytes, lowercase: true));
        DataFolder.WriteSecret(passwordFile, password.Password + "\n");
        await user.GiveAsync(passwordFile, cancellationToken);
        try
        {
            await RunInitdbAsync(programs, unfinished, passwordFile, cancellationToken);
        }
        finally
        {
            File.Delete(passwordFile);
        }

        password.Write(folder.PasswordFile);
        Directory.Move(unfinished, folder.Cluster);
    }

    private async Task RunInitdbAsync(PostgresPrograms programs, string cluster, string passwordFile, CancellationToken cancellationToken)
    {
        string[] command =
        [
            programs.Initdb, "-D", cluster, "-U", PasswordFile.Role, "--pwfile", passwordFile, "--auth=scram-sha-256", "--data-checksums",
            "--encoding=UTF8", "--locale=C",
        ];
        using Process initdb = await starter.StartAsync(user.Command(folder.ServerLog, deathSignal: "TERM", command));
        try
        {
            await initdb.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            ProcessSignal.Send(initdb.Id, ProcessSignal.Kill);
            await initdb.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        if (initdb.ExitCode != 0)
        {
            throw new UserException($"The private PostgreSQL cannot be made in {cluster}: {ServerLog.LastError(folder.ServerLog)} All it said is in {folder.ServerLog}.");
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
