using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Monitoring;
using Hostwire.Sink;
using Microsoft.Extensions.Logging;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>A sink that runs inside the test, so that the test can look at its counters.</summary>
internal sealed class RunningSink : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILoggerFactory _loggers;
    private readonly HostwireOptions _options;
    private readonly SinkService _service;
    private readonly Task<ExitCode> _running;

    public RunningSink(KafkaBroker broker, string topic, string postgresUri, SinkOptions? options = null, LogLines? log = null)
        : this(broker.BootstrapServers, topic, postgresUri, options, log)
    {
    }

    public RunningSink(string bootstrapServers, string topic, string postgresUri, SinkOptions? options = null, LogLines? log = null, IReadOnlyDictionary<string, string>? kafkaProperties = null)
    {
        _loggers = log is not null ? log : LogOutput.ToStderr(new LogOptions { Level = "warning" }, TimeProvider.System);
        _options = new HostwireOptions
        {
            Kafka = new KafkaOptions { BootstrapServers = bootstrapServers, Security = "plaintext", Topic = topic, Properties = kafkaProperties ?? new Dictionary<string, string>(StringComparer.Ordinal) },
            Postgres = new PostgresOptions { Uri = postgresUri },
            Sink = options ?? new SinkOptions { Group = topic },
        };
        _service = new SinkService(_options, _loggers, TimeProvider.System);
        _running = Task.Run(() => _service.RunAsync(_stopping.Token));
    }

    public SinkCounters Counters => _service.Counters;

    /// <summary>Waits until this many records are behind a committed transaction.</summary>
    public Task StoredAsync(long records) => UntilAsync(counters => counters.RecordsStored >= records, $"{records} records to be stored");

    /// <summary>Waits until the counters say so; fails at once where the sink has ended.</summary>
    public Task UntilAsync(Func<SinkCounters, bool> condition, string what) => Eventually.TrueAsync(
        async () =>
        {
            if (_running.IsCompleted)
            {
                await _running;
                throw new InvalidOperationException($"The sink ended while a test waited for {what}.");
            }

            return condition(Counters);
        },
        what);

    /// <summary>Has it begin anew, with the same settings, as SIGHUP does.</summary>
    public Task ReloadAsync() => ((IWatchedService)_service).ReloadAsync(_options);

    public async Task<ExitCode> StopAsync()
    {
        await _stopping.CancelAsync();
        return await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await ((Task)_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _loggers.Dispose();
    }
}
