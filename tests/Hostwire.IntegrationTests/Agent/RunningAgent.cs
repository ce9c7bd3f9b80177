using Hostwire.Agent;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Agent;

/// <summary>An agent in this process that samples this machine every second until the test stops it.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly AgentService _service;
    private readonly Task<ExitCode> _running;

    /// <summary>Starts it.</summary>
    public RunningAgent(KafkaOptions kafka)
    {
        var options = new HostwireOptions
        {
            // The default waits up to ten seconds before it tries a broker again that a test has just restarted.
            Kafka = kafka with { Properties = new Dictionary<string, string>(StringComparer.Ordinal) { ["reconnect.backoff.max.ms"] = "250" } },
            Agent = new AgentOptions { HostName = HostName, HostId = HostId, IntervalSeconds = 1 },
        };
        _service = new AgentService(options, Log, TimeProvider.System);
        _running = _service.RunAsync(_stopping.Token);
    }

    public static string HostName => "web-1";

    public static string HostId => "0123456789abcdef";

    public LogLines Log { get; } = new();

    public AgentCounters Counters => _service.Counters;

    /// <summary>Waits until this many records were acknowledged.</summary>
    public Task AcknowledgedAsync(long records) =>
        Eventually.TrueAsync(() => Task.FromResult(Counters.RecordsAcknowledged >= records), $"{records} acknowledgements; {Describe()}", TestContext.Current.CancellationToken);

    /// <summary>Waits until this many records wait for Kafka.</summary>
    public Task WaitingAsync(long records) =>
        Eventually.TrueAsync(() => Task.FromResult(Counters.RecordsWaiting >= records), $"{records} records to wait; {Describe()}", TestContext.Current.CancellationToken);

    /// <summary>Waits until these words are logged.</summary>
    public Task LoggedAsync(string words) =>
        Eventually.TrueAsync(() => Task.FromResult(Log.Has(words)), $"\"{words}\" in the log; {Describe()}", TestContext.Current.CancellationToken);

    /// <summary>Stops it in good order.</summary>
    public async Task<ExitCode> StopAsync()
    {
        await _stopping.CancelAsync();
        return await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private string Describe() => $"log:\n{string.Join('\n', Log.All)}";
}
