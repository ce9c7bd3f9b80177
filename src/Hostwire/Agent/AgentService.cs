using System.Globalization;
using Hostwire.Collectors;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Exec;
using Hostwire.Kafka;
using Hostwire.Metrics;
using Hostwire.Monitoring;
using Hostwire.Otlp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hostwire.Agent;

/// <summary>The agent: samples this host at its collectors' intervals and sends each scrape to Kafka as one OTLP record.</summary>
public sealed partial class AgentService(HostwireOptions options, ILoggerFactory loggers, TimeProvider time) : IWatchedService
{
    // How long a stop may take: within what service managers and `up` allow, with room for the rest of the process.
    private static readonly TimeSpan FlushMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DisposeMax = TimeSpan.FromSeconds(2);

    // How long one single scrape may take to reach Kafka; somebody waits for it.
    private static readonly TimeSpan SendOnceMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SendOnceLook = TimeSpan.FromMilliseconds(200);

    private readonly ILogger _logger = loggers.CreateLogger<AgentService>();
    private readonly CertificateWatch _certificates = new(loggers.CreateLogger<AgentService>(), time);

    /// <summary>What this agent has done so far.</summary>
    public AgentCounters Counters { get; } = new();

    /// <summary>How it is doing.</summary>
    public ServiceState State { get; } = new(time);

    /// <inheritdoc/>
    string IWatchedService.Name => "agent";

    /// <inheritdoc/>
    void IWatchedService.Publish(SelfMeter meter)
    {
        Counters.Publish(meter);
        meter.Observe([AgentMetrics.CertificateExpiry], _certificates);
    }

    /// <inheritdoc/>
    CertificateWatch IWatchedService.Certificates => _certificates;

    /// <summary>Samples and sends until told to stop; then sends what it still has, for a few seconds at most.</summary>
    /// <exception cref="UserException">The settings cannot be used.</exception>
    public async Task<ExitCode> RunAsync(CancellationToken stopping)
    {
        HostIdentity host = HostIdentityReader.Read(options.Agent);
        CollectorGroup[] groups = CollectorPlan.Make(CollectorCatalogue.All, options.Agent, host, Self(), mayBeEmpty: options.Exec.Count > 0);
        _certificates.Load(CertificateFiles.Of(options.Kafka));
        using CollectorRunner runner = NewRunner();
        using AgentQueue queue = AgentQueue.Open(options.Agent, Counters, _logger, time);
        RecordPublisher publisher = NewPublisher(queue.Records, host, _logger);
        OtlpEncoder encoder = NewEncoder(host);
        LogStarted(host.Name, host.Id ?? "none", options.Kafka.Topic, options.Kafka.BootstrapServers, Describe(groups));

        // Whichever of the two ends first, by a fault of ours, ends the other.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var givingUp = new CancellationTokenSource();
        Task publishing = publisher.RunAsync(givingUp.Token);
        var gate = new Lock();
        bool isFirst = true;

        // The collectors' thread and the commands' threads take turns.
        void Take(Scrape scrape)
        {
            lock (gate)
            {
                queue.Records.Add(encoder.Encode(scrape.Points).Span);
                State.Start();
                if (isFirst)
                {
                    isFirst = false;
                    ReleaseStartupMemory();
                }
            }
        }

        Task[] sampling = [new Sampler(groups, runner, Counters, State, time).RunAsync(Take, ending.Token), .. RunCommands(host, Take, ending.Token)];
        await Task.WhenAny([publishing, .. sampling]);
        await ending.CancelAsync();
        publisher.Complete();
        await FlushAsync(publishing, givingUp);
        await Task.WhenAll(sampling);
        ReportEnd(queue);
        return ExitCode.Success;
    }

    /// <summary>Takes one scrape and sends it.</summary>
    /// <param name="wait">How long to wait between two readings, so that rates are sent too; zero: one reading without rates.</param>
    /// <param name="stopping">Ends the attempt.</param>
    /// <exception cref="UserException">The settings cannot be used, or Kafka does not take the record.</exception>
    public async Task<ExitCode> SendOnceAsync(TimeSpan wait, CancellationToken stopping)
    {
        HostIdentity host = HostIdentityReader.Read(options.Agent);
        var queue = new MemoryRecordQueue(options.Agent.QueueMaxBytes, Counters, _logger);

        // What keeps the record from Kafka becomes this command's one message; the log need not say it too.
        RecordPublisher publisher = NewPublisher(queue, host, NullLogger.Instance);
        using var givingUp = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task publishing = publisher.RunAsync(givingUp.Token);
        Scrape scrape = await TakeOneAsync(host, wait, stopping);
        queue.Add(NewEncoder(host).Encode(scrape.Points).Span);
        publisher.Complete();
        long start = time.GetTimestamp();
        while (!publishing.IsCompleted && publisher.Trouble is not { NeedsPerson: true } && time.GetElapsedTime(start) < SendOnceMax)
        {
            await Task.WhenAny(publishing, Task.Delay(SendOnceLook, time, stopping));
        }

        await givingUp.CancelAsync();
        await publishing.WaitAsync(DisposeMax, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.ThrowIfCancellationRequested();
        return Counters.RecordsAcknowledged > 0 && queue.Count == 0
            ? ExitCode.Success
            : throw new UserException(publisher.Trouble?.Sentence ?? $"Kafka at {options.Kafka.BootstrapServers} has not taken the scrape for topic {options.Kafka.Topic}: look at the topic with `hostwire topic describe`.");
    }

    /// <summary>Takes one scrape, without Kafka.</summary>
    /// <inheritdoc cref="Sampler.TakeOneAsync"/>
    internal async Task<Scrape> TakeOneAsync(HostIdentity host, TimeSpan wait, CancellationToken cancellationToken)
    {
        CollectorGroup[] groups = CollectorPlan.Make(CollectorCatalogue.All, options.Agent, host, self: [], mayBeEmpty: options.Exec.Count > 0);
        using CollectorRunner runner = NewRunner();
        Scrape scrape = await new Sampler(groups, runner, Counters, State, time).TakeOneAsync(wait, cancellationToken);
        await NewExecSampler().AddOnceAsync(scrape, cancellationToken);
        return scrape;
    }

    /// <summary>The OTLP record of a scrape, as it would be sent.</summary>
    internal OtlpEncoder NewEncoder(HostIdentity host)
    {
        long start = HostIdentityReader.ReadStartTimeUnixNano(new HostPaths(options.Agent.Procfs), time);
        return new OtlpEncoder(host, start, ProductVersion.Number);
    }

    // Binding librdkafka by reflection leaves 12 MB behind. An agent allocates so little that no collection would come for hours.
    private static void ReleaseStartupMemory() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);

    private async Task FlushAsync(Task publishing, CancellationTokenSource givingUp)
    {
        await Task.WhenAny(publishing, Task.Delay(FlushMax, time, CancellationToken.None));
        await givingUp.CancelAsync();
        try
        {
            await publishing.WaitAsync(DisposeMax, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            LogClientHangs(DisposeMax.TotalSeconds);
        }
    }

    private void ReportEnd(AgentQueue queue)
    {
        long unsent = queue.Records.Count;
        if (unsent > 0 && queue.IsSpool)
        {
            LogWaits(unsent, options.Agent.SpoolFile);
        }
        else if (unsent > 0)
        {
            Counters.CountDropped(DropReason.Unsent, unsent);
            LogUnsent(unsent, options.Kafka.BootstrapServers);
        }

        LogStopped(Counters.ScrapesTaken, Counters.RecordsAcknowledged, Counters.RecordsDropped);
    }

    private BoundMetric[] Self() =>
        [.. AgentMetrics.All.Concat(AgentMetrics.Parts).Select(metric => metric.Of(Counters)), AgentMetrics.CertificateExpiry.Of(_certificates)];

    // Where there are none, there is nothing that could end and so end all.
    private Task[] RunCommands(HostIdentity host, Action<Scrape> take, CancellationToken stopping) =>
        options.Exec.Count == 0 ? [] : [NewExecSampler().RunAsync(CollectorPlan.PhaseOf(options.Agent, host), take, stopping)];

    private ExecSampler NewExecSampler() => new(options.Exec, Counters, _logger, time);

    private CollectorRunner NewRunner() =>
        new(TimeSpan.FromSeconds(options.Agent.CollectorTimeoutSeconds), new ScrapeClock(time), Counters, _logger, time);

    private RecordPublisher NewPublisher(IRecordQueue queue, HostIdentity host, ILogger logger)
    {
        var log = new LibrdkafkaLog(loggers.CreateLogger("Hostwire.Kafka"), time);
        return new RecordPublisher(queue, events => new KafkaRecordSender(options.Kafka, host.Name, events, log), options.Kafka, Counters, State, logger, time);
    }

    private string Describe(CollectorGroup[] groups) => string.Join(
        "; ",
        groups.Select(group => $"{string.Join(", ", group.Slots.Select(slot => slot.Name))} every {group.Ticks.Interval.TotalSeconds:0} s")
            .Concat(options.Exec.Select(command => string.Create(CultureInfo.InvariantCulture, $"command {command.Name} every {command.IntervalSeconds} s"))));

    [LoggerMessage(Level = LogLevel.Information, Message = "Sampling host {Host} (id {HostId}) for topic {Topic} at {Servers}: {Collectors}")]
    private partial void LogStarted(string host, string hostId, string topic, string servers, string collectors);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stopped with {Unsent} records that Kafka at {Servers} has not acknowledged; they are lost, and counted as dropped")]
    private partial void LogUnsent(long unsent, string servers);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped with {Unsent} records that Kafka has not acknowledged; they wait in {Spool} for the next start")]
    private partial void LogWaits(long unsent, string spool);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped; scrapes taken: {Scrapes}, records acknowledged: {Acknowledged}, dropped: {Dropped}")]
    private partial void LogStopped(long scrapes, long acknowledged, long dropped);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Kafka client has not closed its connections within {Seconds} s; ending without it")]
    private partial void LogClientHangs(double seconds);
}
