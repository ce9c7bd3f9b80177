using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;
using Hostwire.Up;
using Npgsql;

namespace Hostwire.IntegrationTests.Up;

public sealed class PrivatePostgresTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new("private-postgres");
    private readonly ChildStarter _starter = new();
    private readonly List<PrivatePostgres> _servers = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DataFolder Folder => new(_directory["data"]);

    [Fact]
    public async Task Data_and_port_outlive_a_restart_and_nothing_is_left_running()
    {
        PrivatePostgres first = await StartAsync();
        await ExecuteAsync(first, "create table kept as select 42 as answer");
        int? process = PostmasterFile.RunningServer(Folder.Cluster);
        Assert.NotNull(process);
        await first.StopAsync();
        Assert.False(Directory.Exists($"/proc/{process}"));
        Assert.False(File.Exists(Path.Combine(Folder.Cluster, "postmaster.pid")), "The server was not shut down in order.");

        PrivatePostgres second = await StartAsync();
        Assert.Equal(first.Port, second.Port);
        Assert.Equal(42, await ExecuteAsync(second, "select answer from kept"));
    }

    [Fact]
    public async Task Only_the_owner_of_the_folder_knows_the_password_and_no_login_works_without_it()
    {
        PrivatePostgres server = await StartAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Folder.PasswordFile));
        Assert.Equal("on", await ExecuteAsync(server, "show data_checksums"));
        Assert.Equal("UTF8", await ExecuteAsync(server, "show server_encoding"));
        Assert.Equal("127.0.0.1", await ExecuteAsync(server, "show listen_addresses"));

        string uri = server.Uri.Replace(PasswordFile.Read(Folder.PasswordFile)!.Password, "guessed", StringComparison.Ordinal);
        await using NpgsqlDataSource guessing = PostgresDataSource.Create(new PostgresOptions { Uri = uri });
        PostgresException refused = await Assert.ThrowsAsync<PostgresException>(async () => await guessing.OpenConnectionAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public async Task A_server_that_is_killed_runs_again_on_its_port_with_its_data()
    {
        PrivatePostgres server = await StartAsync();
        await ExecuteAsync(server, "create table kept as select 42 as answer");
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var said = new List<string>();
        var again = new TaskCompletionSource();
        Task supervision = server.SuperviseAsync(
            line =>
            {
                said.Add(line);
                if (line.Contains("runs again", StringComparison.Ordinal))
                {
                    again.SetResult();
                }
            },
            stopping.Token);

        Assert.True(ProcessSignal.Send(PostmasterFile.RunningServer(Folder.Cluster)!.Value, ProcessSignal.Kill));
        await again.Task.WaitAsync(ChildProcess.Deadline, Cancellation);

        Assert.Equal(42, await ExecuteAsync(server, "select answer from kept"));
        Assert.Contains("ended unexpectedly (exit code 137)", said[0], StringComparison.Ordinal);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => supervision);
    }

    [Fact]
    public async Task A_server_that_an_earlier_run_left_is_ended_first()
    {
        await StartAsync();
        int? leftover = PostmasterFile.RunningServer(Folder.Cluster);
        PrivatePostgres second = await StartAsync();
        Assert.NotEqual(leftover, PostmasterFile.RunningServer(Folder.Cluster));
        Assert.Equal(1, await ExecuteAsync(second, "select 1"));
    }

    [Fact]
    public async Task A_port_that_somebody_else_has_taken_is_given_up()
    {
        PrivatePostgres first = await StartAsync();
        await first.StopAsync();
        using var squatter = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, first.Port);
        squatter.Start();
        PrivatePostgres second = await StartAsync();
        Assert.NotEqual(first.Port, second.Port);
        Assert.Equal(1, await ExecuteAsync(second, "select 1"));
    }

    [Fact]
    public async Task A_lost_password_file_is_told_with_the_way_out_and_the_data_stays()
    {
        await (await StartAsync()).StopAsync();
        File.Delete(Folder.PasswordFile);
        UserException error = await Assert.ThrowsAsync<UserException>(StartAsync);
        Assert.Contains(Folder.PasswordFile, error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Folder.Cluster, "PG_VERSION")));
    }

    [Fact]
    public async Task A_folder_that_the_server_user_cannot_reach_is_refused()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root starts PostgreSQL as another user.");
        File.SetUnixFileMode(_directory.FullPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        UserException error = await Assert.ThrowsAsync<UserException>(StartAsync);
        Assert.Contains("--data", error.Message, StringComparison.Ordinal);
    }

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PostgresBinaries.Find() is null, "PostgreSQL is not installed (Debian: apt-get install postgresql).");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PrivatePostgres server in _servers)
        {
            await server.StopAsync();
        }

        _directory.Dispose();
    }

    private async Task<PrivatePostgres> StartAsync()
    {
        Folder.Create(Environment.IsPrivilegedProcess);
        var server = new PrivatePostgres(Folder, Environment.IsPrivilegedProcess, _starter, TimeProvider.System);
        _servers.Add(server);
        await server.StartAsync(Cancellation);
        return server;
    }

    private static async Task<object?> ExecuteAsync(PrivatePostgres server, string sql)
    {
        await using NpgsqlDataSource database = PostgresDataSource.Create(new PostgresOptions { Uri = server.Uri, MaxConnections = 1 });
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(Cancellation);
#pragma warning disable CA2100 // The texts are those of the tests above.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
