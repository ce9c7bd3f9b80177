using System.Text;
using System.Threading.Channels;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Monitoring;

namespace Hostwire.Tests.Monitoring;

public sealed class ReloaderTests : IAsyncDisposable
{
    private readonly FakeClock _time = new();
    private readonly MemoryStream _written = new();
    private readonly NotifySocket _socket = NotifySocket.Abstract();
    private readonly ReloadSignal _signal = new();
    private readonly LogOutput _log;
    private readonly ServiceManager _manager;
    private readonly FakeService _service;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _reloading;
    private Func<HostwireOptions> _read = () => new HostwireOptions();

    public ReloaderTests()
    {
        _log = new LogOutput(new LogOptions(), _time, _written);
        _manager = ServiceManager.From(new Dictionary<string, string>(StringComparer.Ordinal) { ["NOTIFY_SOCKET"] = _socket.Address }, _log, _time);
        _service = new FakeService(_time);
        var reporter = new ServiceReporter(_manager, _service.State, new FakeLogger(), _time);
        _reloading = new Reloader(_signal, () => _read(), new HostwireOptions(), SettingSections.All, _service, _log).RunAsync(_manager, reporter, _stopping.Token);
    }

    private string Log => Encoding.UTF8.GetString(_written.ToArray());

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reloading;
        _stopping.Dispose();
        _signal.Dispose();
        _manager.Dispose();
        _socket.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Service_manager_is_told_when_it_begins_and_once_the_service_has_taken_the_settings_over()
    {
        _read = () => new HostwireOptions { Sink = new SinkOptions { Group = "other" }, Log = new LogOptions { Level = "debug" } };
        _signal.Ask();
        Assert.False(_socket.HasMessage);
        _service.State.Start();
        Assert.StartsWith("RELOADING=1\nMONOTONIC_USEC=", await _socket.NextAsync(), StringComparison.Ordinal);
        ReloadRequest request = await _service.NextAsync();
        Assert.Equal("other", request.Options.Sink.Group);
        Assert.False(_socket.HasMessage);

        request.Done();
        Assert.StartsWith("READY=1\n", await _socket.NextAsync(), StringComparison.Ordinal);
        Assert.Contains("changed settings: sink.group, log.level", Log, StringComparison.Ordinal);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Debug, _log.Minimum);
    }

    [Fact]
    public async Task Settings_that_are_wrong_are_one_line_and_those_of_before_are_what_the_next_are_held_against()
    {
        _service.State.Start();
        _read = () => throw new UserException("f:1: a is not a setting.\nf:2: b is not a setting.");
        await ReloadAsync(null);
        Assert.Contains("nothing has changed: f:1: a is not a setting. f:2: b is not a setting.", Log, StringComparison.Ordinal);

        _read = () => new HostwireOptions { Sink = new SinkOptions { Group = "other" } };
        await ReloadAsync(request => request.Refuse(new UserException("The key does not fit.")));
        Assert.Contains("nothing has changed: The key does not fit.", Log, StringComparison.Ordinal);
        await ReloadAsync(request => request.Done());
        Assert.Contains("changed settings: sink.group", Log, StringComparison.Ordinal);
        await ReloadAsync(request => request.Done());
        Assert.Contains("changed settings: none", Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_only_a_restart_applies_name_themselves()
    {
        _service.State.Start();
        _read = () => new HostwireOptions { Metrics = new MetricsOptions { SinkListen = "127.0.0.1:1" } };
        await ReloadAsync(request => request.Done());
        Assert.Contains("metrics.sink_listen needs a restart: until then what was set before counts", Log, StringComparison.Ordinal);
    }

    /// <summary>Asks, and waits until it is over.</summary>
    private async Task ReloadAsync(Action<ReloadRequest>? answer)
    {
        _signal.Ask();
        await _socket.NextAsync();
        if (answer is not null)
        {
            answer(await _service.NextAsync());
        }

        await _socket.NextAsync();
    }

    private sealed class FakeService(TimeProvider time) : IWatchedService
    {
        private readonly Channel<ReloadRequest> _requests = Channel.CreateUnbounded<ReloadRequest>();

        public string Name => "sink";

        public ServiceState State { get; } = new(time);

        public CertificateWatch Certificates { get; } = new(new FakeLogger(), time);

        public ValueTask<ReloadRequest> NextAsync() => _requests.Reader.ReadAsync(TestContext.Current.CancellationToken);

        public void Publish(SelfMeter meter)
        {
        }

        public Task ReloadAsync(HostwireOptions options)
        {
            var request = new ReloadRequest(options);
            _requests.Writer.TryWrite(request);
            return request.Completion;
        }

        public Task<ExitCode> RunAsync(CancellationToken stopping) => Task.FromResult(ExitCode.Success);
    }
}
