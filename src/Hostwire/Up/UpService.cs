using System.Globalization;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;
using Hostwire.Store;
using Microsoft.Extensions.Logging;

namespace Hostwire.Up;

/// <summary>Everything on this machine: a Kafka and a PostgreSQL (our own, or those the settings name), agent and sink. Starts in that order, ends in the other.</summary>
internal sealed partial class UpService(UpRequest request, UpParts.Factory parts, Action<string> say, ILoggerFactory loggers, TimeProvider time)
{
    // Together less than the ten seconds after which a supervisor loses its patience. What is not stored by then is neither committed nor lost.
    private static readonly TimeSpan AgentStopDeadline = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DrainDeadline = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan SinkStopDeadline = TimeSpan.FromSeconds(3.5);

    // With a real Kafka, which may be far and slow, both end at the same time.
    private static readonly TimeSpan BothStopDeadline = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly ILogger _logger = loggers.CreateLogger<UpService>();
    private readonly DataFolder _folder = request.Folder;

    /// <summary>Runs until told to stop; what it started has ended when this returns.</summary>
    /// <exception cref="UserException">Something cannot be started; the message says what to do.</exception>
    public async Task<ExitCode> RunAsync(CancellationToken stopping)
    {
        _folder.Create(request.IsRoot);
        using FolderLock taken = FolderLock.Take(_folder);
        say($"The data folder is {_folder.FullPath}.");
        PrivatePostgres? server = request.Options.Postgres.Uri.Length == 0 ? new(_folder, request.IsRoot, new ChildStarter(), time) : null;
        try
        {
            return await RunAsync(server, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop while still starting.
            return ExitCode.Success;
        }
        finally
        {
            File.Delete(_folder.AddressFile);
            if (server is { IsRunning: true })
            {
                await server.StopAsync();
                say($"PostgreSQL has ended; its data stays in {_folder.Cluster}.");
            }
        }
    }

    private async Task<ExitCode> RunAsync(PrivatePostgres? server, CancellationToken stopping)
    {
        PostgresOptions postgres = await StartPostgresAsync(server, stopping);
        using EmbeddedBroker? broker = request.UsesEmbeddedBroker ? new EmbeddedBroker(request.Options.Kafka.Topic, UpSettings.Partitions) : null;
        KafkaOptions kafka = await StartKafkaAsync(broker, stopping);
        AddressFile.Write(_folder, kafka, server is null ? postgres : postgres with { Uri = server.Uri });
        SayCommands(server);

        UpParts running = parts(request.Options with { Kafka = kafka, Postgres = postgres });
        await using var hosts = new HostCounter(server is null ? postgres : postgres with { Uri = server.ReaderUri });
        var status = new UpStatus(running.Figures, hosts.CountAsync, say, time);
        using var stopBeside = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task[] beside = [status.RunAsync(stopBeside.Token), server?.SuperviseAsync(say, stopBeside.Token) ?? Task.Delay(Timeout.InfiniteTimeSpan, time, stopBeside.Token)];
        try
        {
            return await RunPartsAsync(running, drain: broker is not null, beside, stopping);
        }
        finally
        {
            // Before PostgreSQL is stopped, or it would be started again.
            await stopBeside.CancelAsync();
            foreach (Task task in beside)
            {
                await IgnoreCancellationAsync(task);
            }

            say($"Stopped: {running.Figures().Line(hosts: null, time.GetUtcNow())}.");
        }
    }

    private async Task<PostgresOptions> StartPostgresAsync(PrivatePostgres? server, CancellationToken cancellationToken)
    {
        PostgresOptions postgres = request.Options.Postgres;
        if (server is null)
        {
            say($"PostgreSQL is {PostgresDataSource.Address(postgres)}, as the settings say.");
            return postgres;
        }

        if (!Directory.Exists(_folder.Cluster))
        {
            say($"Making a private PostgreSQL cluster in {_folder.Cluster} ...");
        }

        await server.StartAsync(cancellationToken);
        say(string.Create(CultureInfo.InvariantCulture, $"PostgreSQL {server.Version} runs on 127.0.0.1:{server.Port}; its data is kept in {_folder.Cluster}."));
        return postgres with { Uri = server.SinkUri, Password = "" };
    }

    private async Task<KafkaOptions> StartKafkaAsync(EmbeddedBroker? broker, CancellationToken cancellationToken)
    {
        KafkaOptions kafka = request.Options.Kafka;
        if (broker is not null)
        {
            say($"The embedded Kafka broker runs on {broker.BootstrapServers}, topic {kafka.Topic}; it keeps records in memory only and forgets them when it ends.");
            return UpSettings.EmbeddedKafka(kafka, broker.BootstrapServers);
        }

        say($"Kafka is {kafka.BootstrapServers} ({KafkaSettings.Security(kafka)}), topic {kafka.Topic}.");
        if (request.MakesTopic)
        {
            await MakeTopicAsync(kafka, cancellationToken);
        }

        return kafka;
    }

    private async Task MakeTopicAsync(KafkaOptions kafka, CancellationToken cancellationToken)
    {
        try
        {
            using var admin = new TopicAdmin(kafka, loggers, time);
            if (await admin.DescribeAsync(cancellationToken) is null && await admin.CreateAsync(new TopicRequest { Partitions = UpSettings.Partitions }, cancellationToken))
            {
                say($"Topic {kafka.Topic} was not there and has been made.");
            }
        }
        catch (UserException error)
        {
            // Agent and sink go on trying, so a Kafka that comes later is as good.
            say(error.Message);
        }
    }

    private void SayCommands(PrivatePostgres? server)
    {
        say("");
        if (Psql(server) is string psql)
        {
            say("Look at the data with");
            say($"  {psql}");
            say("and there, for example: select * from hostwire.system_metrics where datetime > now() - interval '1 minute' order by datetime desc;");
        }

        say($"Other verbs of hostwire find all this by themselves{(request.IsUsualFolder ? "" : $" with {DataFolder.Variable}={ShellWord.Quote(_folder.FullPath)}")}. Ctrl-C ends it.");
        say("");
    }

    /// <summary>A command for pasting into a shell, without the password; null where the URI is in a file only.</summary>
    private string? Psql(PrivatePostgres? server) => server is null
        ? request.PostgresUriVariable is string variable ? $"psql \"${variable}\"" : null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"PGPASSFILE={ShellWord.Quote(_folder.PasswordFile)} {ShellWord.Quote(server.Psql)} -h 127.0.0.1 -p {server.Port} -U {PrivatePostgres.Roles.Reader} {PasswordFile.Role}");

    /// <summary>Both until told to stop, or until one ends by itself, which neither does unless a person is needed.</summary>
    private async Task<ExitCode> RunPartsAsync(UpParts running, bool drain, IEnumerable<Task> beside, CancellationToken stopping)
    {
        using var stopAgent = new CancellationTokenSource();
        using var stopSink = new CancellationTokenSource();
        Task<ExitCode> agent = Task.Run(() => running.RunAgentAsync(stopAgent.Token), CancellationToken.None);
        Task<ExitCode> sink = Task.Run(() => running.RunSinkAsync(stopSink.Token), CancellationToken.None);
        await Task.WhenAny([agent, sink, .. beside]);
        bool asked = stopping.IsCancellationRequested;
        if (!asked)
        {
            say($"The {(agent.IsCompleted ? "agent" : sink.IsCompleted ? "sink" : "watch over PostgreSQL")} has ended by itself, so the rest ends too.");
        }

        await stopAgent.CancelAsync();
        Task<ExitCode> agentEnd = EndAsync("agent", agent, drain ? AgentStopDeadline : BothStopDeadline);
        if (drain)
        {
            // The embedded broker forgets, so what the agent has sent is stored before the sink stops; a real one keeps it.
            await agentEnd;
            await DrainAsync(running, sink);
        }

        await stopSink.CancelAsync();
        ExitCode sinkExit = await EndAsync("sink", sink, drain ? SinkStopDeadline : BothStopDeadline);
        ExitCode agentExit = await agentEnd;
        return asked ? ExitCode.Success : agentExit != ExitCode.Success ? agentExit : sinkExit != ExitCode.Success ? sinkExit : ExitCode.Failure;
    }

    private async Task DrainAsync(UpParts running, Task sink)
    {
        long start = time.GetTimestamp();
        while (!sink.IsCompleted && running.Figures() is var figures && figures.RecordsStored < figures.ScrapesSent && time.GetElapsedTime(start) < DrainDeadline)
        {
            await Task.Delay(Pause, time);
        }
    }

    /// <summary>Waits for its end, but not for ever: a call into librdkafka that never returns must not keep PostgreSQL running.</summary>
    private async Task<ExitCode> EndAsync(string name, Task<ExitCode> part, TimeSpan deadline)
    {
        try
        {
            return await part.WaitAsync(deadline, time);
        }
        catch (TimeoutException)
        {
            LogAbandoned(_logger, name, deadline.TotalSeconds);
            return ExitCode.Success;
        }
        catch (UserException error)
        {
            say(error.Message);
            return error.ExitCode;
        }
    }

    private static async Task IgnoreCancellationAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // As it was told to.
        }
    }

    [LoggerMessage(LogLevel.Warning, "The {Part} has not ended within {Seconds} s and is left behind; nothing that was committed is affected.")]
    private static partial void LogAbandoned(ILogger logger, string part, double seconds);
}
