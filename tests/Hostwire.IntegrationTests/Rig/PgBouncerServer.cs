using System.Globalization;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>A real PgBouncer in transaction mode before a PostgreSQL of the rig, as Aiven's connection pools are: for the roles of that server, and all its databases.</summary>
public sealed class PgBouncerServer : IAsyncDisposable
{
    private static readonly string[] Places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"];

    private readonly TestDirectory _directory = new("pgbouncer");
    private readonly string _program;
    private ChildProcess? _process;

    private PgBouncerServer(string program) => _program = program;

    /// <summary>The port of 127.0.0.1; the same after a restart.</summary>
    public int Port { get; } = FreePort.Next();

    /// <summary>Whether it runs: nobody has killed it since it was started.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Whether there is one on this machine.</summary>
    public static bool IsInstalled => Array.Exists(Places, File.Exists);

    // It refuses to run as root, like PostgreSQL.
    private static string? RunAs { get; } = Environment.IsPrivilegedProcess ? "postgres" : null;

    /// <summary>Starts one; skips the test where none is installed.</summary>
    /// <param name="postgres">Runs already; its roles are made.</param>
    /// <param name="poolSize">Connections to the server for each pair of role and database.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<PgBouncerServer> StartAsync(PostgresServer postgres, int poolSize = 2, CancellationToken cancellationToken = default)
    {
        string? program = Array.Find(Places, File.Exists);
        Assert.SkipWhen(program is null, "PgBouncer is not installed (Debian: apt-get install pgbouncer).");
        var pooler = new PgBouncerServer(program!);
        // The passwords in the clear, because it needs them to log in at the server by SCRAM.
        await pooler._directory.WriteAsync("users.txt", string.Concat(
            postgres.Roles.All.Select(role => (Name: role, Password: postgres.RolePassword)).Append((postgres.User, postgres.Password)).Select(user => $"\"{user.Item1}\" \"{user.Item2}\"\n")));
        await pooler._directory.WriteAsync("pgbouncer.ini", string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            * = host={postgres.Host} port={postgres.Port}

            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {pooler.Port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {pooler._directory["users.txt"]}
            pool_mode = transaction
            default_pool_size = {poolSize}
            max_client_conn = 100
            # A test that kills the server behind it wants it back at once.
            server_login_retry = 1

            """));
        if (RunAs is not null)
        {
            await ChildProcess.RunAsync("chown", ["-R", RunAs, pooler._directory.FullPath]);
        }

        await pooler.StartAsync(cancellationToken);
        return pooler;
    }

    /// <summary>A database as a sink is given it: the sink's role, through the pooler.</summary>
    public string UriOf(TestDatabase database) => new UriBuilder(database.Uri) { Port = Port }.Uri.ToString();

    /// <summary>Starts it again after <see cref="KillAsync"/>, on the same port.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        _process = await ChildProcess.StartAsync(_program, [_directory["pgbouncer.ini"]], user: RunAs);
        await _process.WaitForLineAsync(line => line.Contains("process up", StringComparison.Ordinal), cancellationToken);
    }

    /// <summary>Kills it: all connections through it are cut, in the middle of whatever they do.</summary>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        _process!.Signal(UnixSignal.Kill);
        await _process.WaitForExitAsync(cancellationToken);
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Sends it a signal: <see cref="UnixSignal.Stop"/> leaves all connections hanging.</summary>
    public void Signal(UnixSignal signal) => _process!.Signal(signal);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _directory.Dispose();
    }
}
