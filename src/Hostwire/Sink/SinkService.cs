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

    /// <summary>Prepares the schema, joins the group, and stores until <paramref name="stopping"/>; then stores what was read, commits, and leaves the group.</summary>
    /// <exception cref="UserException">Something that a person has to put right before a sink can start at all.</exception>
    public async Task<ExitCode> RunAsync(CancellationToken stopping)
    {
        await using NpgsqlDataSource database = PostgresDataSource.Create(options.Postgres);
        SinkConsumerConfig.From(options);
        _certificates.Load([.. CertificateFiles.Of(options.Kafka), .. CertificateFiles.Of(options.Postgres)]);
        if (await PrepareAsync(database, stopping) is not { } rules)
        {
            return ExitCode.Success;
        }

        var claims = new ClaimStore(options.Sink.Group, Owner(), Counters, _logger);
        var store = new BatchStore(options.Sink.Group, options.Kafka.Topic, new FrameBatch(new SeriesCache(rules), rules), _logger, time);
        using var worker = new StoreWorker(options, database, store, claims, Counters, State, _logger, time);
        Intake intake = MakeIntake(worker);
        using var abort = new CancellationTokenSource();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task storing = worker.RunAsync(intake.Inspector, abort.Token);
        Task reading = StartThread("hostwire intake", () => intake.Run(ending.Token));
        LogStarted(options.Kafka.Topic, options.Kafka.BootstrapServers, options.Sink.Group, PostgresDataSource.Address(options.Postgres));

        // Whichever ends first: reading because we were told to, storing only because of an error of ours, which must not leave the other one running.
        await Task.WhenAny(reading, storing);
        await ending.CancelAsync();
        worker.Complete();
        abort.CancelAfter(DrainTime);
        Task ended = Task.WhenAll(reading, storing);
        if (await Task.WhenAny(ended, Task.Delay(DrainTime + UnwindTime, time, CancellationToken.None)) != ended)
        {
            // PostgreSQL does not even answer the wish to give up. What was not committed is read again by whoever takes over.
            LogNotEnded();
            return ExitCode.Success;
        }

        await LeaveAsync(intake);
        await ended;
        LogStopped(Counters.RecordsStored, Counters.FramesStored);
        return ExitCode.Success;
    }

    /// <summary>Brings the schema up to date and reads the rules; waits for a database that is away. Null when told to stop meanwhile.</summary>
    private async Task<FrameRules?> PrepareAsync(NpgsqlDataSource database, CancellationToken stopping)
    {
        var health = new SinkHealth("PostgreSQL", State, _logger, time);
        var delay = new RetryDelay();
        while (true)
        {
            try
            {
                if (options.Sink.Migrate)
                {
                    await Migrator.MigrateAsync(database, _logger, stopping);
                }
                else
                {
                    await Migrator.RequireCurrentAsync(database, stopping);
                }

                FrameRules rules = await StoredSettings.PrepareAsync(database, options.Sink.RetentionDays, stopping);
                health.Recovered();
                State.Start();
                return rules;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception error) when (PostgresTrouble.IsRetryable(error))
            {
                PostgresTrouble trouble = PostgresTrouble.From(error, options.Postgres);
                if (trouble.NeedsPerson)
                {
                    // At start somebody is watching: better to say it and end than to try for ever what cannot work.
                    throw new UserException(trouble.Sentence, error);
                }

                Counters.DatabaseErrors.Count(trouble.Kind);
                health.Report(trouble.Sentence, trouble.NeedsPerson);
                State.Start();
            }

            try
            {
                await Task.Delay(delay.Next(), time, stopping);
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
            return new Intake(options, worker, Counters, State, _logger, time);
        }
        catch (Exception error) when (error is Confluent.Kafka.KafkaException or InvalidOperationException)
        {
            throw new UserException($"The Kafka client does not accept the settings in [kafka]: {error.Message}.", error, ExitCode.Usage);
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
