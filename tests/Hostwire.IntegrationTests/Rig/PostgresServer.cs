using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Store.Roles;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace Hostwire.IntegrationTests.Rig;

/// <summary>A real PostgreSQL on loopback. The test run shares one; a test that stops or kills it makes its own with <see cref="CreateOwn"/>.</summary>
/// <remarks>
/// Starts when first asked for a database, so that a run of tests that need none costs nothing. <c>HOSTWIRE_TEST_POSTGRES</c>
/// (the <c>postgres://</c> URI of a superuser) names a running server to share instead.
/// </remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Variable = "HOSTWIRE_TEST_POSTGRES";

    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<string, TestDatabase> _databases = new(StringComparer.Ordinal);
    private readonly bool _isOwn;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private TestDirectory? _directory;
    private ChildProcess? _process;
    private bool _started;
    private string? _template;
    private string _maintenanceDatabase = "postgres";

    /// <summary>The run's shared server; only xunit calls this.</summary>
    public PostgresServer()
        : this(isOwn: false, new Dictionary<string, string>(StringComparer.Ordinal))
    {
    }

    private PostgresServer(bool isOwn, IReadOnlyDictionary<string, string> settings)
    {
        _isOwn = isOwn;
        _settings = settings;
    }

    /// <summary>Where it listens: a name that is in its certificate.</summary>
    public string Host { get; private set; } = "127.0.0.1";

    /// <summary>The port; the same after a restart.</summary>
    public int Port { get; private set; } = 5432;

    /// <summary>The superuser.</summary>
    public string User { get; private set; } = "rig";

    /// <summary>The superuser's password.</summary>
    public string Password { get; private set; } = Guid.NewGuid().ToString("n");

    /// <summary>The roles of the databases that are made here, as <c>hostwire db roles</c> makes them; made with the first of those.</summary>
    public RoleNames Roles { get; private set; } = Names("hostwire");

    /// <summary>The password of each of them.</summary>
    public string RolePassword { get; } = Guid.NewGuid().ToString("n");

    /// <summary>As Npgsql reads it: the superuser on the maintenance database.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = Port,
        Username = User,
        Password = Password,
        Database = _maintenanceDatabase,
        MaxPoolSize = 4,
        // Backends outlive a test's last query only when it asks for it: a server with many idle test connections runs out of them.
        ConnectionIdleLifetime = 10,
    }.ConnectionString;

    /// <summary>The file of the CA that signed the server's certificate (localhost, 127.0.0.1); it offers TLS beside plain connections.</summary>
    public string CaFile => _directory?["ca.pem"] ?? throw new InvalidOperationException($"The server that {Variable} names is not ours: its CA is unknown.");

    /// <summary>The postmaster's process id.</summary>
    public int ProcessId => Process.Id;

    /// <summary>Whether it runs: it was started, and nobody has stopped or killed it since.</summary>
    public bool IsRunning => _process is { HasExited: false };

    private ChildProcess Process => _process ?? throw new InvalidOperationException("The server does not run, or is not ours to stop.");

    private static string? RunAs { get; } = Environment.IsPrivilegedProcess ? "postgres" : null;

    /// <summary>A server for one test alone, which may stop, freeze and kill it. Skips the test where no PostgreSQL is installed.</summary>
    /// <param name="settings">Lines for <c>postgresql.conf</c> that win over the rig's.</param>
    public static PostgresServer CreateOwn(IReadOnlyDictionary<string, string>? settings = null) =>
        new(isOwn: true, settings ?? new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>A database of the test's own, with schema and roles; starts the server if need be. Skips the test where no PostgreSQL can be had.</summary>
    public async Task<TestDatabase> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        await EnsureStartedAsync(cancellationToken);
        return await CreateDatabaseAsync(await EnsureTemplateAsync(cancellationToken), cancellationToken);
    }

    /// <summary>The same with nothing in it, for tests of how the schema comes to be.</summary>
    public async Task<TestDatabase> CreateEmptyDatabaseAsync(CancellationToken cancellationToken = default)
    {
        await EnsureStartedAsync(cancellationToken);
        return await CreateDatabaseAsync(template: null, cancellationToken);
    }

    /// <summary>Starts it where it does not run yet; returns once it accepts connections.</summary>
    public async Task EnsureStartedAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_started)
            {
                return;
            }

            if (!_isOwn && Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } uri)
            {
                UseRunning(new Uri(uri));
            }
            else
            {
                await InitialiseAsync();
                await StartAsync(cancellationToken);
            }

            _started = true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Starts it again after <see cref="StopAsync"/> or <see cref="KillAsync"/>, on the same port with the same data.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        // After a SIGKILL the old backends need a moment to notice, and the new postmaster refuses to start beside them.
        for (DateTimeOffset start = TimeProvider.System.GetUtcNow(); ;)
        {
            _process = await ChildProcess.StartAsync(
                Path.Combine(Binaries(), "postgres"), ["-D", _directory!["data"], "-p", Port.ToString(CultureInfo.InvariantCulture)], user: RunAs);
            try
            {
                await _process.WaitForLineAsync(line => line.Contains("database system is ready to accept connections", StringComparison.Ordinal), cancellationToken);
                return;
            }
            catch (InvalidOperationException) when (TimeProvider.System.GetUtcNow() - start < ChildProcess.Deadline)
            {
                await _process.DisposeAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
    }

    /// <summary>Stops it as <c>systemctl stop</c> does: connections are cut, transactions rolled back.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default) => await EndAsync(UnixSignal.Interrupt, cancellationToken);

    /// <summary>Kills the postmaster; the server recovers from its log at the next start.</summary>
    public async Task KillAsync(CancellationToken cancellationToken = default) => await EndAsync(UnixSignal.Kill, cancellationToken);

    /// <summary>Sends the postmaster a signal: <see cref="UnixSignal.Stop"/> leaves new connections hanging (running ones go on), <see cref="UnixSignal.Continue"/> lets them in.</summary>
    public void Signal(UnixSignal signal) => Process.Signal(signal);

    /// <summary>From now on it shows new connections another certificate of its CA: <c>server</c>, the one of the start; <c>expired</c>; <c>elsewhere</c>, made out for another host.</summary>
    public async Task UseCertificateAsync(string name, CancellationToken cancellationToken = default)
    {
        await ExecuteAsync($"ALTER SYSTEM SET ssl_cert_file = '{_directory![$"{name}.cert"]}'", cancellationToken);
        await ExecuteAsync($"ALTER SYSTEM SET ssl_key_file = '{_directory[$"{name}.key"]}'", cancellationToken);
        int before = Process.StandardError.Split("reloading configuration files").Length;
        await ExecuteAsync("SELECT pg_reload_conf()", cancellationToken);
        await Eventually.TrueAsync(() => Task.FromResult(Process.StandardError.Split("reloading configuration files").Length > before), "the configuration to be read", cancellationToken, Process);
    }

    /// <summary>Ends the server with all its children; its data goes with it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await EndAsync(UnixSignal.Quit, CancellationToken.None);
        }

        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
        else if (_template is not null)
        {
            await ExecuteAsync($"DROP DATABASE {_template} WITH (FORCE)", CancellationToken.None);
            await ExecuteAsync($"DROP ROLE {string.Join(", ", Roles.All)}", CancellationToken.None);
        }

        _directory?.Dispose();
        _gate.Dispose();
    }

    internal async Task DropDatabaseAsync(string name)
    {
        _databases.TryRemove(name, out _);
        // A server that the test has stopped takes its databases with it.
        if (_process is null or { HasExited: false })
        {
            await ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)", CancellationToken.None);
        }
    }

    private static RoleNames Names(string prefix) => RoleNames.TryMake(prefix, out RoleNames? names) ? names : throw new ArgumentException($"{prefix} makes no plain names.", nameof(prefix));

    private async Task<TestDatabase> CreateDatabaseAsync(string? template, CancellationToken cancellationToken)
    {
        string name = $"test_{Guid.NewGuid():n}";
        await ExecuteAsync($"CREATE DATABASE {name}{(template is null ? "" : $" TEMPLATE {template}")}", cancellationToken);
        var database = new TestDatabase(this, name, isEmpty: template is null);
        _databases[name] = database;
        return database;
    }

    /// <summary>Roles and schema are made once, by the code that users run; every database is a copy.</summary>
    private async Task<string> EnsureTemplateAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_template is null)
            {
                string name = $"template_{Guid.NewGuid():n}";
                await ExecuteAsync($"CREATE DATABASE {name}", cancellationToken);
                await using NpgsqlDataSource source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name, Pooling = false });
                await RoleSetup.ApplyAsync(source, Roles, Roles.All.ToDictionary(role => role, _ => RolePassword, StringComparer.Ordinal), cancellationToken);
                _template = name;
            }

            return _template;
        }
        finally
        {
            _gate.Release();
        }
    }

    private static string Binaries()
    {
        string? binaries = PostgresBinaries.Find();
        Assert.SkipWhen(binaries is null, $"PostgreSQL is not installed (Debian: apt-get install postgresql), and {Variable} names no running server.");
        return binaries!;
    }

    private async Task InitialiseAsync()
    {
        string initdb = Path.Combine(Binaries(), "initdb");
        Port = FreePort.Next();
        _directory = new TestDirectory("postgres");
        using (var ca = new PrivateCa("Private project CA"))
        {
            await File.WriteAllTextAsync(_directory["ca.pem"], ca.Pem);
            ca.Sign("localhost").Write(_directory.FullPath, "server");
            ca.Sign("localhost", expired: true).Write(_directory.FullPath, "expired");
            ca.Sign("postgres.elsewhere.example", host: "postgres.elsewhere.example").Write(_directory.FullPath, "elsewhere");
        }

        await File.WriteAllTextAsync(_directory["password"], Password);
        if (RunAs is not null)
        {
            await ChildProcess.RunAsync("chown", ["-R", RunAs, _directory.FullPath]);
        }

        string[] initial = ["-D", _directory["data"], "-U", User, "--pwfile", _directory["password"], "--auth=scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"];
        await ChildProcess.RunAsync(initdb, initial, user: RunAs);
        await File.AppendAllTextAsync(Path.Combine(_directory["data"], "postgresql.conf"), $"""
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            max_connections = 200
            ssl = on
            ssl_cert_file = '{_directory["server.cert"]}'
            ssl_key_file = '{_directory["server.key"]}'
            # The tests kill PostgreSQL, never the machine, and what the kernel holds survives that: only the wait for the disk is saved here.
            # Commits stay synchronous, so that a commit that was acknowledged is one that recovery finds.
            fsync = off
            lc_messages = 'C'
            timezone = 'UTC'
            {string.Join('\n', _settings.Select(setting => $"{setting.Key} = '{setting.Value}'"))}

            """);
    }

    private void UseRunning(Uri uri)
    {
        string[] login = uri.UserInfo.Split(':', 2);
        (Host, Port) = (uri.Host, uri.Port > 0 ? uri.Port : 5432);
        User = Uri.UnescapeDataString(login[0]);
        Password = login.Length == 2 ? Uri.UnescapeDataString(login[1]) : "";
        // Roles belong to the whole server, where others may have some of these names.
        Roles = Names($"test_{Guid.NewGuid():n}");
        _maintenanceDatabase = uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(uri.AbsolutePath[1..]) : "postgres";
    }

    private async Task EndAsync(UnixSignal signal, CancellationToken cancellationToken)
    {
        Process.Signal(signal);
        // A frozen postmaster acts on a signal only once it goes on.
        Process.Signal(UnixSignal.Continue);
        await Process.WaitForExitAsync(cancellationToken);
        // The tests' own connections are dead now; without this each would say so at its next use.
        NpgsqlConnection.ClearAllPools();
        foreach (TestDatabase database in _databases.Values)
        {
            database.ForgetConnections();
        }
    }

    [SuppressMessage("Security", "CA2100", Justification = "The names are made here.")]
    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
