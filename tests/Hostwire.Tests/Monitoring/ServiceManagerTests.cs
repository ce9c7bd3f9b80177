using System.Globalization;
using Hostwire.Monitoring;

namespace Hostwire.Tests.Monitoring;

public sealed class ServiceManagerTests
{
    private readonly FakeClock _time = new();
    private readonly FakeLogger _log = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_message_reaches_the_socket_in_the_words_of_sd_notify(bool isAbstract)
    {
        using NotifySocket socket = isAbstract ? NotifySocket.Abstract() : NotifySocket.InFile();
        using ServiceManager manager = Manager(("NOTIFY_SOCKET", socket.Address));
        manager.Ready("All is well.");
        Assert.Equal("READY=1\nSTATUS=All is well.", await socket.NextAsync());
        _time.Advance(TimeSpan.FromSeconds(1.5));
        manager.Reloading();
        Assert.Equal("RELOADING=1\nMONOTONIC_USEC=1500000\nSTATUS=Reloading the settings.", await socket.NextAsync());
        manager.Alive();
        Assert.Equal("WATCHDOG=1", await socket.NextAsync());
        manager.Stopping();
        Assert.Equal("STOPPING=1\nSTATUS=Stopping.", await socket.NextAsync());
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Status_of_several_lines_cannot_forge_an_assignment()
    {
        using NotifySocket socket = NotifySocket.Abstract();
        using ServiceManager manager = Manager(("NOTIFY_SOCKET", socket.Address));
        manager.Status("Kafka is away.\nSTOPPING=1");
        Assert.Equal("STATUS=Kafka is away. STOPPING=1", await socket.NextAsync());
    }

    [Fact]
    public void Without_a_service_manager_nothing_is_said_and_nothing_is_logged()
    {
        using ServiceManager manager = Manager();
        manager.Ready("");
        manager.Alive();
        Assert.Null(manager.WatchdogInterval);
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData("vsock:2:1234", "neither a path nor an abstract name")]
    [InlineData("/nowhere/at/all", "could not be told")]
    public void Socket_that_cannot_be_used_is_a_warning_and_stops_nothing(string address, string words)
    {
        using ServiceManager manager = Manager(("NOTIFY_SOCKET", address));
        manager.Ready("");
        Assert.Contains(words, Assert.Single(_log.Lines).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Service_manager_that_goes_away_is_a_warning_and_stops_nothing()
    {
        using NotifySocket socket = NotifySocket.Abstract();
        using ServiceManager manager = Manager(("NOTIFY_SOCKET", socket.Address));
        socket.Dispose();
        manager.Alive();
        Assert.Contains("could not be told", Assert.Single(_log.Lines).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Watchdog_is_obeyed_only_where_it_is_meant_for_this_process()
    {
        string own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(TimeSpan.FromSeconds(30), IntervalWith(("WATCHDOG_USEC", "30000000")));
        Assert.Equal(TimeSpan.FromSeconds(30), IntervalWith(("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", own)));
        Assert.Null(IntervalWith(("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "1")));
        Assert.Null(IntervalWith(("WATCHDOG_USEC", "0")));
        Assert.Null(IntervalWith(("WATCHDOG_USEC", "soon")));
    }

    private TimeSpan? IntervalWith(params (string Name, string Value)[] environment)
    {
        using ServiceManager manager = Manager(environment);
        return manager.WatchdogInterval;
    }

    private ServiceManager Manager(params (string Name, string Value)[] environment) =>
        ServiceManager.From(environment.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal), new FakeLoggerFactory(_log), _time);
}
