using Hostwire.Monitoring;
using Microsoft.Extensions.Logging;

namespace Hostwire.Tests.Monitoring;

public sealed class ServiceReporterTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(9);

    private readonly FakeClock _time = new();
    private readonly FakeLogger _log = new();
    private readonly NotifySocket _socket = NotifySocket.Abstract();
    private readonly ServiceManager _manager;
    private readonly ServiceState _state;
    private readonly ServiceReporter _reporter;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _reporting;

    public ServiceReporterTests()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["NOTIFY_SOCKET"] = _socket.Address,
            ["WATCHDOG_USEC"] = ((long)Interval.TotalMicroseconds).ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        _manager = ServiceManager.From(environment, new FakeLoggerFactory(_log), _time);
        _state = new ServiceState(_time);
        _reporter = new ServiceReporter(_manager, _state, _log, _time);
        _reporting = _reporter.RunAsync(_stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reporting;
        _stopping.Dispose();
        _manager.Dispose();
        _socket.Dispose();
    }

    [Fact]
    public async Task Ready_is_said_after_the_start_and_not_before()
    {
        Assert.False(_socket.HasMessage);
        _state.Start();
        Assert.Equal("READY=1\nSTATUS=All is well.", await _socket.NextAsync());
    }

    [Fact]
    public async Task Signs_of_life_come_three_to_an_interval_while_the_loops_advance_and_stop_when_one_does_not()
    {
        Pulse pulse = _state.Begin("sampling", TimeSpan.FromSeconds(4));
        _state.Start();
        await _socket.NextAsync();
        Assert.Equal("WATCHDOG=1", await _socket.NextAsync());
        Assert.Equal(Interval / 3, await PassAsync());
        Assert.Equal("WATCHDOG=1", await _socket.NextAsync());
        await PassAsync();
        await PassAsync();
        await _time.NextTimerAsync();
        Assert.False(_socket.HasMessage);
        Assert.Equal((LogLevel.Error, "This process is stuck: The sampling has not come round for 6 s; 4 s is the most it should take."), Assert.Single(_log.Lines));

        pulse.Beat();
        _time.Advance(Interval / 3);
        Assert.Equal("WATCHDOG=1", await _socket.NextAsync());
    }

    [Fact]
    public async Task Status_is_what_troubles_it_and_is_said_when_it_changes()
    {
        _state.Trouble(this, "Kafka is away.");
        _state.Start();
        Assert.Equal("READY=1\nSTATUS=Kafka is away.", await _socket.NextAsync());
        Assert.Equal("WATCHDOG=1", await _socket.NextAsync());
        await _time.NextTimerAsync();
        _state.Mend(this);
        _time.Advance(Interval);
        Assert.Equal("WATCHDOG=1", await _socket.NextAsync());
        Assert.Equal("STATUS=All is well.", await _socket.NextAsync());
    }

    private async Task<TimeSpan> PassAsync()
    {
        TimeSpan wait = await _time.NextTimerAsync();
        _time.Advance(wait);
        return wait;
    }
}
