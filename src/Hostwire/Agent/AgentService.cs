using System.Threading.Channels;
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
    private readonly Channel<ReloadRequest> _reloads = Channel.CreateUnbounded<ReloadRequest>(new UnboundedChannelOptions { SingleReader = true });

    // Those in force: a reload replaces them.
    private HostwireOptions _options = options;

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

    /// <inheritdoc/>
    Task IWatchedService.ReloadAsync(HostwireOptions options)
    {
        var request = new ReloadRequest(options);
        _reloads.Writer.TryWrite(request);
        return request.Completion;
    }

    /// <summary>Samples and sends until told to stop; then sends what it still has, for a few seconds at most.</summary>
    /// <exception cref="UserException">The settings cannot be used.</exception>
    public async Task<ExitCode> RunAsync(CancellationToken stopping)
    {
        // Whichever of sampling and sending ends first, by a fault of ours, ends the other.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var givingUp = new CancellationTokenSource();
        using AgentQueue queue = AgentQueue.Open(_options.Agent, Counters, _logger, time);
        using var sampling = new AgentSampling(_options, queue.Records, Self(), Counters, State, _logger, time, ending.Token);
        _certificates.Load(CertificateFiles.Of(_options.Kafka));

        // Of the command line, the settings and their like; before the client of Kafka needs most of all.
        CodeInMemory.Release();
        RecordPublisher publisher = NewPublisher(queue.Records, sampling.Plan.Host, _logger);
        LogStarted(sampling.Plan);
        Task publishing = publisher.RunAsync(givingUp.Token);
        sampling.Start();
        while (await NextReloadAsync(publishing, sampling, ending.Token) is { } request)
        {
            await ReloadAsync(request, publisher, queue, sampling, ending.Token);
        }

        await ending.CancelAsync();
        publisher.Complete();
        await FlushAsync(publishing, givingUp);
        await sampling.EndAsync();

        // What can be written is written by then.
        queue.Dispose();
        ReportEnd(queue);
        return ExitCode.Success;
    }

    /// <summary>Takes one scrape and sends it.</summary>
    /// <param name="wait">How long to wait between two readings, so that rates are sent too; zero: one reading without rates.</param>
    /// <param name="stopping">Ends the attempt.</param>
    /// <exception cref="UserException">The settings cannot be used, or Kafka does not take the record.</exception>
    public async Task<ExitCode> SendOnceAsync(TimeSpan wait, CancellationToken stopping)
    {
        HostIdentity host = HostIdentityReader.Read(_options.Agent);
        var queue = new MemoryRecordQueue(_options.Agent.QueueMaxBytes, Counters, _logger);

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
            : throw new UserException(publisher.Trouble?.Sentence ?? $"Kafka at {_options.Kafka.BootstrapServers} has not taken the scrape for topic {_options.Kafka.Topic}: look at the topic with `hostwire topic describe`.");
    }

    /// <summary>Takes one scrape, without Kafka.</summary>
    /// <inheritdoc cref="Sampler.TakeOneAsync"/>
    internal async Task<Scrape> TakeOneAsync(HostIdentity host, TimeSpan wait, CancellationToken cancellationToken)
    {
        CollectorGroup[] groups = CollectorPlan.Make(CollectorCatalogue.All, _options.Agent, host, self: [], mayBeEmpty: _options.Exec.Count > 0);
        using var runner = new CollectorRunner(TimeSpan.FromSeconds(_options.Agent.CollectorTimeoutSeconds), new ScrapeClock(time), Counters, _logger, time);
        Scrape scrape = await new Sampler(groups, runner, Counters, State, time).TakeOneAsync(wait, cancellationToken);
        await new ExecSampler(_options.Exec, Counters, _logger, time).AddOnceAsync(scrape, cancellationToken);
        return scrape;
    }

    /// <summary>The OTLP record of a scrape, as it would be sent.</summary>
    internal OtlpEncoder NewEncoder(HostIdentity host) => AgentSampling.NewEncoder(_options.Agent, host, time);

    /// <summary>Waits until there is something to take over; null when it is over.</summary>
    private async Task<ReloadRequest?> NextReloadAsync(Task publishing, AgentSampling sampling, CancellationToken ending)
    {
        Task<bool> asked = _reloads.Reader.WaitToReadAsync(ending).AsTask();
        await Task.WhenAny(publishing, sampling.Ended, asked);
        return asked.IsCompletedSuccessfully && _reloads.Reader.TryRead(out ReloadRequest? request) ? request : null;
    }

    private async Task ReloadAsync(ReloadRequest request, RecordPublisher publisher, AgentQueue queue, AgentSampling sampling, CancellationToken ending)
    {
        HostwireOptions next = request.Options;
        try
        {
            // First what may be refused, then what cannot fail.
            SamplingPlan plan = sampling.PlanFor(next);
            await publisher.RenewAsync(NewSender(next.Kafka, plan.Host), next.Kafka, ending);
            _certificates.Load(CertificateFiles.Of(next.Kafka));
            queue.Limit(next.Agent);
            await sampling.ChangeAsync(plan);
            _options = next;
            LogStarted(plan);
            request.Done();
        }
        catch (Exception error) when (error is UserException || (error is OperationCanceledException && ending.IsCancellationRequested))
        {
            request.Refuse(error);
        }
    }

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
        long unsent = queue.Unwritten;
        long waiting = queue.Records.Count - unsent;
        if (waiting > 0)
        {
            LogWaits(waiting, _options.Agent.SpoolFile);
        }

        if (unsent > 0)
        {
            Counters.CountDropped(DropReason.Unsent, unsent);
            LogUnsent(unsent, _options.Kafka.BootstrapServers);
        }

        LogStopped(Counters.ScrapesTaken, Counters.RecordsAcknowledged, Counters.RecordsDropped);
    }

    private BoundMetric[] Self() =>
        [.. AgentMetrics.All.Concat(AgentMetrics.Parts).Select(metric => metric.Of(Counters)), AgentMetrics.CertificateExpiry.Of(_certificates)];

    private RecordPublisher NewPublisher(IRecordQueue queue, HostIdentity host, ILogger logger)
    {
        // Memory has to hold what is on its way, also when there is a spool.
        AgentOptions agent = _options.Agent;
        long bytesMax = agent.Spool ? long.Min(agent.SpoolMaxBytes, agent.QueueMaxBytes) : agent.QueueMaxBytes;
        return new RecordPublisher(queue, bytesMax, NewSender(_options.Kafka, host), _options.Kafka, Counters, State, logger, time);
    }

    private Func<SenderEvents, IRecordSender> NewSender(KafkaOptions kafka, HostIdentity host)
    {
        var log = new LibrdkafkaLog(loggers.CreateLogger("Hostwire.Kafka"), time);
        return events => new KafkaRecordSender(kafka, host.Name, events, log);
    }

    private void LogStarted(SamplingPlan plan) =>
        LogStarted(plan.Host.Name, plan.Host.Id ?? "none", plan.Options.Kafka.Topic, plan.Options.Kafka.BootstrapServers, plan.Describe());

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
