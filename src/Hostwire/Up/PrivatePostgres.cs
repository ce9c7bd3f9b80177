using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Store;
using Hostwire.Store.Roles;
using Npgsql;

namespace Hostwire.Up;

/// <summary>
/// A PostgreSQL server of our own from the installed programs: its data in the data folder, on a port of the loopback address, with a password that only
/// the owner of the folder can read. It ends with this process; should that have been killed in the middle, the next start ends what it left.
/// </summary>
internal sealed class PrivatePostgres(DataFolder folder, bool isRoot, ChildStarter starter, TimeProvider time)
{
    // After a kill -9 of the server its sessions need a moment to notice, and it does not start beside them; crash recovery replays at most max_wal_size.
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FastStopDeadline = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan QuickStopDeadline = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LeftoverStopDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RestartPauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestartPauseMax = TimeSpan.FromSeconds(30);

    // Small, since it shares the machine; safe, since the data is kept; quiet, since its log is not rotated while it runs.
    private static readonly string[] Settings =
    [
        "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=50", "shared_buffers=64MB", "max_wal_size=512MB", "wal_level=minimal",
        "max_wal_senders=0", "password_encryption=scram-sha-256", "timezone=UTC", "log_timezone=UTC", "log_checkpoints=off", "jit=off",
        "cluster_name=hostwire",
    ];

    private readonly ServerUser _user = new(isRoot);
    private PostgresPrograms? _programs;
    private PasswordFile? _login;
    private Process? _server;

    /// <summary>The administrator's way in, as <c>postgres.uri</c> takes it; holds the password.</summary>
    public string Uri => Login.Uri(PasswordFile.Role);

    /// <summary>The sink's.</summary>
    public string SinkUri => Login.Uri(PasswordFile.Role, Roles.Sink);

    /// <summary>The reader's.</summary>
    public string ReaderUri => Login.Uri(PasswordFile.Role, Roles.Reader);

    /// <summary>Who works with the database: those whom <c>hostwire db roles</c> makes.</summary>
    public static RoleNames Roles { get; } = new("hostwire_owner", "hostwire_sink", "hostwire_reader", "hostwire_maintenance");

    /// <summary>The port on 127.0.0.1; the same as last time where it is free.</summary>
    public int Port => Login.Port;

    /// <summary>Whether its process lives.</summary>
    public bool IsRunning => _server is { HasExited: false };

    /// <summary>The major version.</summary>
    public int Version { get; private set; }

    /// <summary>Where <c>psql</c> is.</summary>
    public string Psql => Programs.Psql(PostgresPrograms.SearchPath());

    private PasswordFile Login => _login ?? throw new InvalidOperationException("The server has not been started.");

    private PostgresPrograms Programs => _programs ?? throw new InvalidOperationException("The server has not been started.");

    /// <summary>Makes the cluster where there is none, starts it, makes database, schema and roles. Returns once it takes connections.</summary>
    /// <exception cref="UserException">PostgreSQL is not installed, or does not start.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await StopLeftoverAsync(cancellationToken);
        ServerLog.Begin(folder.ServerLog);
        var initialiser = new ClusterInitialiser(folder, _user, starter);
        _programs = PostgresPrograms.Find(initialiser.Version());
        if (initialiser.Version() is null)
        {
            await initialiser.CreateAsync(_programs, cancellationToken);
        }

        Version = initialiser.Version() ?? throw new InvalidOperationException($"{folder.Cluster} has no version.");
        _login = PasswordFile.Read(folder.PasswordFile) ?? throw new UserException(
            $"{folder.PasswordFile}, which holds the password of the data in {folder.Cluster}, is missing or damaged: put it back, or move {folder.Cluster} away to start with an empty database.");
        if (!IsFree(_login.Port))
        {
            UseFreePort();
        }

        await StartServerAsync(mayMove: true, cancellationToken);
        await CreateDatabaseAsync(cancellationToken);
        await using NpgsqlDataSource database = PostgresDataSource.Create(new PostgresOptions { Uri = Uri, MaxConnections = 1 });
        await RoleSetup.ApplyAsync(database, Roles, Roles.All.ToDictionary(role => role, _ => Login.Password, StringComparer.Ordinal), cancellationToken);
    }

    /// <summary>Watches the server until <paramref name="stopping"/>: should it end, it is started again, on the same port. Says so in plain words.</summary>
    public async Task SuperviseAsync(Action<string> say, CancellationToken stopping)
    {
        TimeSpan pause = RestartPauseMin;
        while (true)
        {
            long started = time.GetTimestamp();
            await _server!.WaitForExitAsync(stopping);
            pause = time.GetElapsedTime(started) > RestartPauseMax ? RestartPauseMin : pause;
            say(string.Create(CultureInfo.InvariantCulture, $"PostgreSQL ended unexpectedly (exit code {_server.ExitCode}); it is started again. Its log: {folder.ServerLog}"));
            for (bool running = false; !running; pause = Min(2 * pause, RestartPauseMax))
            {
                await Task.Delay(pause, time, stopping);
                try
                {
                    await StartServerAsync(mayMove: false, stopping);
                    running = true;
                    say("PostgreSQL runs again; what waited in Kafka is stored now.");
                }
                catch (UserException error)
                {
                    say(error.Message);
                }
            }
        }
    }

    /// <summary>Ends it: sessions are cut, everything is written down. Takes at most a few seconds.</summary>
    public async Task StopAsync()
    {
        if (!IsRunning)
        {
            return;
        }

        ProcessSignal.Send(_server!.Id, ProcessSignal.Interrupt);
        if (!await EndsAsync(_server, FastStopDeadline))
        {
            // A busy disk: the rest is made up for from its log at the next start.
            ProcessSignal.Send(_server.Id, ProcessSignal.Quit);
            if (!await EndsAsync(_server, QuickStopDeadline))
            {
                ProcessSignal.Send(_server.Id, ProcessSignal.Kill);
                await _server.WaitForExitAsync();
            }
        }
    }

    /// <summary>Ends the server of an <c>up</c> that was killed and whose last signal has not reached it, or not yet.</summary>
    private async Task StopLeftoverAsync(CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        for (int? last = null; PostmasterFile.RunningServer(folder.Cluster) is int server; last = server)
        {
            TimeSpan elapsed = time.GetElapsedTime(start);
            if (last is null || elapsed > LeftoverStopDeadline)
            {
                ProcessSignal.Send(server, elapsed > LeftoverStopDeadline ? ProcessSignal.Quit : ProcessSignal.Interrupt);
            }

            if (elapsed > 2 * LeftoverStopDeadline)
            {
                throw new UserException(string.Create(CultureInfo.InvariantCulture, $"Process {server} still serves {folder.Cluster} and does not end: stop it with \"kill -QUIT {server}\"."));
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task StartServerAsync(bool mayMove, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            _server?.Dispose();
            IEnumerable<string> settings = Settings.Append(string.Create(CultureInfo.InvariantCulture, $"port={Port}")).SelectMany<string, string>(setting => ["-c", setting]);
            // Should this process be killed, the server gets what Ctrl-C would have sent it.
            _server = await starter.StartAsync(_user.Command(folder.ServerLog, deathSignal: "INT", [Programs.Postgres, "-D", folder.Cluster, .. settings]));
            if (await TakesConnectionsAsync(start, cancellationToken))
            {
                return;
            }

            string error = ServerLog.LastError(folder.ServerLog);
            if (time.GetElapsedTime(start) > StartDeadline)
            {
                throw new UserException($"The private PostgreSQL in {folder.Cluster} does not start: {error} All it said is in {folder.ServerLog}.");
            }

            if (error.Contains("could not create any TCP/IP sockets", StringComparison.Ordinal))
            {
                if (mayMove)
                {
                    UseFreePort();
                }
            }
            else if (!error.Contains("shared memory block", StringComparison.Ordinal) && !error.Contains("lock file", StringComparison.Ordinal))
            {
                throw new UserException($"The private PostgreSQL in {folder.Cluster} does not start: {error} All it said is in {folder.ServerLog}.");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>True once it does; false if it ended first.</summary>
    private async Task<bool> TakesConnectionsAsync(long start, CancellationToken cancellationToken)
    {
        await using NpgsqlDataSource database = Maintenance();
        while (!_server!.HasExited && time.GetElapsedTime(start) < StartDeadline)
        {
            try
            {
                await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
                return true;
            }
            catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.InvalidPassword)
            {
                await StopAsync();
                throw new UserException($"{folder.PasswordFile} does not hold the password of the data in {folder.Cluster}: put back the file that belongs to it.", error);
            }
            catch (NpgsqlException)
            {
                // Not listening yet, or still recovering.
                await Task.Delay(Pause, time, cancellationToken);
            }
        }

        await StopAsync();
        return false;
    }

    private async Task CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlDataSource database = Maintenance();
        await using NpgsqlCommand exists = database.CreateCommand("select 1 from pg_database where datname = 'hostwire'");
        if (await exists.ExecuteScalarAsync(cancellationToken) is null)
        {
            await using NpgsqlCommand create = database.CreateCommand("create database hostwire");
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private NpgsqlDataSource Maintenance() => PostgresDataSource.Create(new PostgresOptions { Uri = Login.Uri("postgres"), MaxConnections = 1 });

    private void UseFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _login = Login with { Port = ((IPEndPoint)listener.LocalEndpoint).Port };
        _login.Write(folder.PasswordFile);
    }

    // 0, of a cluster just made, is not a port.
    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return port != 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<bool> EndsAsync(Process process, TimeSpan deadline)
    {
        using var cancellation = new CancellationTokenSource(deadline, time);
        try
        {
            await process.WaitForExitAsync(cancellation.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
