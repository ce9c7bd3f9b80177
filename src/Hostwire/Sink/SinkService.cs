using System.Threading.Channels;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Monitoring;
using Hostwire.Store;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Hostwire.Sink;

/// <summary>Consumes the topic and stores it, until it is told to stop.</summary>
public sealed partial class SinkService(HostwireOptions options, ILoggerFactory loggers, TimeProvider time) : IWatchedService
{
    // Together below the ten seconds in which a sink has to be gone.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UnwindTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(3);

    private readonly ILogger _logger = loggers.CreateLogger("sink");
    private readonly CertificateWatch _certificates = new(loggers.CreateLogger("sink"), time);
    private readonly Channel<ReloadRequest> _reloads = Channel.CreateUnbounded<ReloadRequest>(new UnboundedChannelOptions { SingleReader = true });

    // Those in force: a reload replaces them.
    private HostwireOptions _options = options;

    /// <summary>How loud it says that records are missing: below error only where the broker is known to forget when it ends, as the embedded one does.</summary>
    internal LogLevel GapLevel { get; init; } = LogLevel.Error;

    /// <summary>What it has done so far.</summary>
    public SinkCounters Counters { get; } = new(time);

    /// <summary>How it is doing.</summary>
    public ServiceState State { get; } = new(time);

    /// <inheritdoc/>
    string IWatchedService.Name => "sink";

    /// <inheritdoc/>
    void IWatchedService.Publish(SelfMeter meter)
    {
        Counters.Publish(meter);
        meter.Observe([SinkMetrics.CertificateExpiry], _certificates);
    }

    /// <inheritdoc/>
    CertificateWatch IWatchedService.Certificates => _certificates;

    /// <inheritdoc/>
    Task IWatchedService.ReloadAsync(HostwireOptions options)
    {
        var request = new ReloadRequest(options);
        _reloads.Writer.TryWrite(request);
        return request.Completion;
    }

    /// <summary>Prepares the schema, joins the group, and stores until <paramref name="stopping"/>; then stores what was read, commits, and leaves the group.</summary>
    /// <remarks>A reload does the same and begins anew with the other settings: what was read by then is stored, and the stored offset says where to read on.</remarks>
    /// <exception cref="UserException">Something that a person has to put right before a sink can start at all.</exception>
    public async Task<ExitCode> RunAsync(CancellationToken stopping)
    {
        ReloadRequest? reload = null;
        do
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            Task running = RunOnceAsync(reload, ending.Token, stopping);
            reload = await NextReloadAsync(running, ending.Token);
            await ending.CancelAsync();
            await running;
            _options = reload?.Options ?? _options;
        }
        while (reload is not null);
        LogStopped(Counters.RecordsStored, Counters.FramesStored);
        return ExitCode.Success;
    }

    /// <summary>Waits until there are settings to go on with, and they can be used; null when it is over.</summary>
    private async Task<ReloadRequest?> NextReloadAsync(Task running, CancellationToken ending)
    {
        while (true)
        {
            Task<bool> asked = _reloads.Reader.WaitToReadAsync(ending).AsTask();
            await Task.WhenAny(running, asked);
            if (!asked.IsCompletedSuccessfully || !_reloads.Reader.TryRead(out ReloadRequest? request))
            {
                return null;
            }

            try
            {
                await using NpgsqlDataSource database = PostgresDataSource.Create(request.Options.Postgres);
                SinkConsumerConfig.Try(request.Options);
                return request;
            }
            catch (UserException error)
            {
                request.Refuse(error);
            }
        }
    }

    /// <summary>Works with the settings of now until <paramref name="ending"/>.</summary>
    /// <param name="reload">Whose settings they are; null: those of the start.</param>
    /// <param name="ending">Ends it in good order, to begin anew or to stop.</param>
    /// <param name="stopping">The process is to stop, so there is no time to wait for anybody.</param>
    private async Task RunOnceAsync(ReloadRequest? reload, CancellationToken ending, CancellationToken stopping)
    {
        await using NpgsqlDataSource database = PostgresDataSource.Create(_options.Postgres);
        SinkConsumerConfig.From(_options);
        State.MendAll();
        _certificates.Load([.. CertificateFiles.Of(_options.Kafka), .. CertificateFiles.Of(_options.Postgres)]);
        if (await PrepareAsync(database, reload, ending) is not { } rules)
        {
            reload?.Done();
            return;
        }

        var claims = new ClaimStore(_options.Sink.Group, Owner(), Counters, _logger, GapLevel);
        using var store = new BatchStore(new TopicSource(_options.Sink.Group, _options.Kafka.Topic, _logger), rules, _logger, time);
        using var worker = new StoreWorker(_options, database, store, claims, Counters, State, _logger, time);
        Intake intake = MakeIntake(worker);
        using var abort = new CancellationTokenSource();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ending);
        Task storing = worker.RunAsync(intake.Inspector, abort.Token);
        Task reading = StartThread("hostwire intake", () => intake.Run(over.Token));
        LogStarted(_options.Kafka.Topic, _options.Kafka.BootstrapServers, _options.Sink.Group, PostgresDataSource.Address(_options.Postgres));
        reload?.Done();

        // Whichever ends first: reading because we were told to, storing only because of an error of ours, which must not leave the other one running.
        await Task.WhenAny(reading, storing);
        await over.CancelAsync();
        worker.Complete();
        abort.CancelAfter(DrainTime);
        Task ended = Task.WhenAll(reading, storing);
        if (await Task.WhenAny(ended, Task.Delay(DrainTime + UnwindTime, time, CancellationToken.None)) != ended)
        {
            // PostgreSQL does not even answer the wish to give up. What was not committed is read again by whoever takes over, which may be we.
            LogNotEnded();
            if (await Task.WhenAny(ended, Task.Delay(Timeout.InfiniteTimeSpan, time, stopping)) != ended)
            {
                return;
            }
        }

        await LeaveAsync(intake);
        await ended;
    }

    /// <summary>
    /// Brings the schema up to date and reads the rules; waits for a database that is away. Null when told to end meanwhile. At the start somebody is watching: better to say what only a person
    /// can put right and end than to try for ever what cannot work. After a reload it is said too, and tried until the next.
    /// </summary>
    private async Task<FrameRules?> PrepareAsync(NpgsqlDataSource database, ReloadRequest? reload, CancellationToken ending)
    {
        var health = new SinkHealth("PostgreSQL", State, _logger, time);
        var delay = new RetryDelay();
        while (true)
        {
            try
            {
                if (_options.Sink.Migrate)
                {
                    await Migrator.MigrateAsync(database, _logger, ending);
                }
                else
                {
                    await Migrator.RequireCurrentAsync(database, ending);
                }

                FrameRules rules = await StoredSettings.PrepareAsync(database, _options.Sink.RetentionDays, _logger, ending);
                health.Recovered();
                State.Start();
                return rules;
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                return null;
            }
            catch (UserException error) when (reload is not null)
            {
                health.Report(error.Message, needsPerson: true);
            }
            catch (Exception error) when (PostgresTrouble.IsRetryable(error))
            {
                PostgresTrouble trouble = await PostgresTrouble.FindAsync(error, _options.Postgres, ending);
                if (trouble.NeedsPerson && reload is null)
                {
                    throw new UserException(trouble.Sentence, error);
                }

                Counters.DatabaseErrors.Count(trouble.Kind);
                health.Report(trouble.Sentence, trouble.NeedsPerson);
            }

            // Else the pool would hand the same session out again, with what the server had set for it when it began: read-only, perhaps.
            database.Clear();
            State.Start();
            reload?.Done();
            try
            {
                await Task.Delay(delay.Next(), time, ending);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }

    private Intake MakeIntake(StoreWorker worker)
    {
        try
        {
            return new Intake(_options, worker, Counters, State, _logger, time);
        }
        catch (Exception error) when (error is Confluent.Kafka.KafkaException or InvalidOperationException)
        {
            throw SinkConsumerConfig.Refusal(error);
        }
    }

    /// <summary>Leaving asks the brokers; where they do not answer in time the group notices by itself.</summary>
    private async Task LeaveAsync(Intake intake)
    {
        Task leaving = StartThread("hostwire leave", () =>
        {
            intake.Leave();
            intake.Dispose();
        });
        if (await Task.WhenAny(leaving, Task.Delay(LeaveTime, time)) != leaving)
        {
            LogNotLeft();
            return;
        }

        await leaving;
    }

    /// <summary>The client's calls block, so they get threads of their own; background threads, which do not keep the process.</summary>
    private static Task StartThread(string name, Action run)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                run();
                done.SetResult();
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        })
        { IsBackground = true, Name = name };
        thread.Start();
        return done.Task;
    }

    private static string Owner() => $"{Environment.MachineName}:{Environment.ProcessId}";

    [LoggerMessage(Level = LogLevel.Information, Message = "Storing")]
    private partial void LogStarted(string topic, string kafka, string group, string postgres);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped")]
    private partial void LogStopped(long records, long frames);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PostgreSQL did not answer in time; what is not stored is read again by whoever takes over")]
    private partial void LogNotEnded();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Kafka did not answer in time; the group will notice by itself that this sink is gone")]
    private partial void LogNotLeft();
}
