using System.Threading.Channels;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Up;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hostwire.IntegrationTests.Up;

/// <summary>What <c>up</c> does around agent and sink, with stand-ins for these two.</summary>
public sealed class UpServiceTests(PostgresServer postgres) : IDisposable
{
    private readonly TestDirectory _directory = new("up-service");
    private readonly Channel<string> _said = Channel.CreateUnbounded<string>();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private HostwireOptions? _given;

    private DataFolder Folder => new(_directory["data"]);

    [Fact]
    public async Task The_printed_command_works_as_pasted_and_the_addresses_are_the_owners_alone()
    {
        SkipWithoutPostgres();
        Task<ExitCode> run = StartAsync(new HostwireOptions(), UntilStopped, UntilStopped);
        string command = await SaidAsync(line => line.Contains("PGPASSFILE=", StringComparison.Ordinal));

        string answer = await ChildProcess.RunAsync("sh", ["-c", $"{command.Trim()} -Atc 'select current_database()'"]);
        Assert.Equal("hostwire\n", answer);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Folder.AddressFile));
        string addresses = await File.ReadAllTextAsync(Folder.AddressFile, TestContext.Current.CancellationToken);
        Assert.Contains($"bootstrap_servers = \"{_given!.Kafka.BootstrapServers}\"", addresses, StringComparison.Ordinal);
        // The sink works as its role, who looks does so as the reader, and the other verbs, db among them, as the administrator.
        Assert.StartsWith("postgres://hostwire_sink:", _given.Postgres.Uri, StringComparison.Ordinal);
        Assert.Contains($"uri = \"{_given.Postgres.Uri.Replace("hostwire_sink", "hostwire", StringComparison.Ordinal)}\"", addresses, StringComparison.Ordinal);
        Assert.Equal("hostwire_reader\n", await ChildProcess.RunAsync("sh", ["-c", $"{command.Trim()} -Atc 'select current_user'"]));

        int server = PostmasterFile.RunningServer(Folder.Cluster)!.Value;
        Assert.Equal(ExitCode.Success, await EndAsync(run));
        Assert.False(File.Exists(Folder.AddressFile));
        Assert.False(Directory.Exists($"/proc/{server}"));
        Assert.False(FolderLock.IsHeld(Folder));
    }

    [Fact]
    public async Task With_real_ones_nothing_of_our_own_is_started()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        var options = new HostwireOptions { Postgres = new PostgresOptions { Uri = database.Uri }, Kafka = new KafkaOptions { BootstrapServers = "127.0.0.1:1", Security = "plaintext" } };
        Task<ExitCode> run = StartAsync(options, UntilStopped, UntilStopped);
        await SaidAsync(line => line.Contains("Ctrl-C", StringComparison.Ordinal));
        Assert.Equal(options.Postgres.Uri, _given!.Postgres.Uri);
        Assert.Equal(("127.0.0.1:1", "plaintext"), (_given.Kafka.BootstrapServers, _given.Kafka.Security));
        Assert.False(Directory.Exists(Folder.Cluster));
        Assert.Equal(ExitCode.Success, await EndAsync(run));
    }

    [Fact]
    public async Task A_part_that_hangs_keeps_nothing_alive()
    {
        SkipWithoutPostgres();
        var never = new TaskCompletionSource<ExitCode>();
        Task<ExitCode> run = StartAsync(new HostwireOptions(), UntilStopped, _ => never.Task);
        await SaidAsync(line => line.Contains("Ctrl-C", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Success, await EndAsync(run));
        Assert.Null(PostmasterFile.RunningServer(Folder.Cluster));
    }

    [Fact]
    public async Task A_part_that_gives_up_ends_everything_with_its_reason_and_its_exit_code()
    {
        SkipWithoutPostgres();
        Task<ExitCode> run = StartAsync(new HostwireOptions(), UntilStopped, _ => throw new UserException("No right to read the topic.", ExitCode.Failure));
        await SaidAsync(line => line is "No right to read the topic.");
        Assert.Equal(ExitCode.Failure, await run);
        Assert.Null(PostmasterFile.RunningServer(Folder.Cluster));
    }

    public void Dispose()
    {
        _stop.Dispose();
        _directory.Dispose();
    }

    private static void SkipWithoutPostgres() =>
        Assert.SkipWhen(PostgresBinaries.Find() is null, "PostgreSQL is not installed (Debian: apt-get install postgresql).");

    private Task<ExitCode> StartAsync(HostwireOptions options, Func<CancellationToken, Task<ExitCode>> agent, Func<CancellationToken, Task<ExitCode>> sink)
    {
        var request = new UpRequest { Options = options, Folder = Folder, IsUsualFolder = false, IsRoot = Environment.IsPrivilegedProcess };
        var service = new UpService(
            request,
            given =>
            {
                _given = given;
                return new UpParts(agent, sink, () => default);
            },
            line => _said.Writer.TryWrite(line),
            NullLoggerFactory.Instance,
            TimeProvider.System);
        Task<ExitCode> run = service.RunAsync(_stop.Token);
        // So that nobody waits for a line after the end.
        _ = run.ContinueWith(ended => _said.Writer.TryComplete(ended.Exception), TaskScheduler.Default);
        return run;
    }

    private async Task<ExitCode> EndAsync(Task<ExitCode> run)
    {
        await _stop.CancelAsync();
        return await run.WaitAsync(ChildProcess.Deadline);
    }

    private async Task<string> SaidAsync(Func<string, bool> predicate)
    {
        while (true)
        {
            string line = await _said.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(ChildProcess.Deadline);
            if (predicate(line))
            {
                return line;
            }
        }
    }

    private static async Task<ExitCode> UntilStopped(CancellationToken stopping)
    {
        var stopped = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = stopping.Register(stopped.SetResult);
        await stopped.Task;
        return ExitCode.Success;
    }
}
