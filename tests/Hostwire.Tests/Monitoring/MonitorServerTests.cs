using System.Net;
using System.Net.Sockets;
using System.Text;
using Hostwire.Monitoring;
using Microsoft.Extensions.Logging;

namespace Hostwire.Tests.Monitoring;

public sealed class MonitorServerTests : IAsyncDisposable
{
    private readonly FakeLogger _log = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ServiceState _state = new(TimeProvider.System);
    private readonly SelfMeter _meter = new($"test.{Guid.NewGuid():n}");
    private readonly PrometheusPage _page;
    private readonly MonitorServer _server;
    private readonly Task _serving;

    public MonitorServerTests()
    {
        _page = new PrometheusPage(_meter.Meter);
        _meter.Observe(HealthMetrics.All, _state);
        _server = Server(new IPEndPoint(IPAddress.Loopback, 0));
        _serving = _server.RunAsync(_stopping.Token);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving;
        _page.Dispose();
        _meter.Dispose();
        _stopping.Dispose();
    }

    [Fact]
    public async Task Readyz_is_503_with_the_reasons_until_there_are_none_and_healthz_is_about_loops_alone()
    {
        using HttpClient client = Client();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "It is starting.\n"), await GetAsync(client, "/readyz"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(client, "/healthz"));
        _state.Start();
        _state.Trouble(this, "Kafka is away.");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Kafka is away.\n"), await GetAsync(client, "/readyz"));
        _state.Mend(this);
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(client, "/readyz?verbose"));
        _state.Begin("sampling", TimeSpan.FromTicks(1));
        (HttpStatusCode healthz, string reason) = await GetAsync(client, "/healthz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, healthz);
        Assert.StartsWith("The sampling has not come round", reason, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync(client, "/readyz")).Status);
    }

    [Fact]
    public async Task Metrics_are_the_text_format_of_prometheus()
    {
        using HttpClient client = Client();
        _state.Start();
        using HttpResponseMessage response = await client.GetAsync(new Uri("/metrics", UriKind.Relative), Cancellation);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Contains("\nhostwire_ready 1\n", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /nope HTTP/1.1\r\n\r\n", "404 Not Found")]
    [InlineData("POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "405 Method Not Allowed")]
    [InlineData("GET metrics HTTP/1.1\r\n\r\n", "400 Bad Request")]
    [InlineData("GET /metrics\r\n\r\n", "400 Bad Request")]
    [InlineData("\r\n\r\n", "400 Bad Request")]
    [InlineData("\u0016\u0003\u0001 hello\r\n\r\n", "400 Bad Request")]
    [InlineData("HEAD /healthz HTTP/1.0\r\n\r\n", "200 OK")]
    public async Task Whatever_is_asked_gets_its_answer_and_the_connection_is_closed(string request, string status)
    {
        string answer = await AskAsync(request);
        Assert.StartsWith($"HTTP/1.1 {status}\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(request.StartsWith("HEAD", StringComparison.Ordinal), answer.EndsWith("\r\n\r\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_that_is_too_long_is_refused() =>
        Assert.StartsWith("HTTP/1.1 431 ", await AskAsync($"GET /metrics HTTP/1.1\r\nX: {new string('x', 8 * 1024)}"), StringComparison.Ordinal);

    [Fact]
    public async Task Connections_that_say_nothing_are_closed_and_keep_nobody_out()
    {
        var clock = new FakeClock();
        (Socket silent, Socket served) = await PairAsync();
        using Socket own = silent;
        Task serving = HttpConnection.ServeAsync(served, _ => null, clock, Cancellation);
        clock.Advance(await clock.NextTimerAsync());
        await serving;
        Assert.Equal(0, await silent.ReceiveAsync(new byte[1], Cancellation));
    }

    [Fact]
    public async Task Port_that_is_taken_is_one_error_that_names_the_setting_and_is_tried_again_until_it_is_free()
    {
        IPEndPoint taken = await AddressAsync(_server);
        var clock = new FakeClock();
        var server = new MonitorServer(taken, "metrics.agent_listen", _ => null, _log, clock);
        using var stopping = new CancellationTokenSource();
        Task serving = server.RunAsync(stopping.Token);
        TimeSpan wait = await clock.NextTimerAsync();
        clock.Advance(wait);
        await clock.NextTimerAsync();
        (LogLevel level, string message) = Assert.Single(_log.Lines, line => line.Level > LogLevel.Information);
        Assert.Equal(LogLevel.Error, level);
        Assert.StartsWith($"/healthz, /readyz and /metrics cannot be served on {taken}: another process listens there. Set metrics.agent_listen to another address", message, StringComparison.Ordinal);

        await _stopping.CancelAsync();
        await _serving;
        clock.Advance(wait);
        Assert.Equal(taken, await AddressAsync(server));
        await stopping.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task Address_that_others_can_reach_is_a_warning()
    {
        MonitorServer server = Server(new IPEndPoint(IPAddress.Any, 0));
        using var stopping = new CancellationTokenSource();
        Task serving = server.RunAsync(stopping.Token);
        await AddressAsync(server);
        Assert.Contains(_log.Lines, line => line.Level == LogLevel.Warning && line.Message.StartsWith("metrics.agent_listen is no loopback address", StringComparison.Ordinal));
        await stopping.CancelAsync();
        await serving;
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(HttpClient client, string path)
    {
        using HttpResponseMessage response = await client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static async Task<IPEndPoint> AddressAsync(MonitorServer server)
    {
        while (server.Address is null)
        {
            await Task.Yield();
        }

        return server.Address;
    }

    private static async Task<(Socket Client, Socket Server)> PairAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndpoint, Cancellation);
        return (client, await listener.AcceptSocketAsync(Cancellation));
    }

    private HttpClient Client() => new() { BaseAddress = new Uri($"http://{_server.Address}") };

    private async Task<string> AskAsync(string request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(await AddressAsync(_server), Cancellation);
        await socket.SendAsync(Encoding.Latin1.GetBytes(request), Cancellation);
        var answer = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, Cancellation) is > 0 and int length)
        {
            answer.Append(Encoding.UTF8.GetString(buffer, 0, length));
        }

        return answer.ToString();
    }

    private MonitorServer Server(IPEndPoint address) => new(address, "metrics.agent_listen", new MonitorPaths(_state, _page).Answer, _log, TimeProvider.System);
}
