using System.Net;
using Hostwire.Configuration;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Monitoring;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Monitoring;

public sealed class OtlpPushTests
{
    private readonly FakeLogger _log = new();

    [Fact]
    public async Task Last_push_at_the_end_carries_every_metric_under_its_own_name_with_the_headers()
    {
        using var receiver = new HttpListener();
        int port = FreePort.Next();
        receiver.Prefixes.Add($"http://127.0.0.1:{port}/");
        receiver.Start();
        using var meter = new SelfMeter("hostwire.test");
        var state = new ServiceState(TimeProvider.System);
        state.Start();
        meter.Observe(HealthMetrics.All, state);
        meter.Histogram(new SelfHistogram { Name = "a.time", Unit = "s", Description = "", Bounds = [0.1, 1] });
        var options = new MetricsOptions { OtlpEndpoint = $"http://127.0.0.1:{port}", OtlpHeaders = "x-login=secret" };
        IDisposable push = OtlpPush.Start(options, meter, "hostwire-test", _log)!;
        Task pushing = Task.Run(push.Dispose, TestContext.Current.CancellationToken);

        HttpListenerContext context = await receiver.GetContextAsync();
        ExportMetricsServiceRequest pushed = ExportMetricsServiceRequest.Parser.ParseFrom(context.Request.InputStream);
        Assert.Equal(("/v1/metrics", "secret"), (context.Request.RawUrl, context.Request.Headers["x-login"]));
        context.Response.Close();
        await pushing;

        ResourceMetrics resource = Assert.Single(pushed.ResourceMetrics);
        Assert.Contains(resource.Resource.Attributes, attribute => attribute is { Key: "service.name", Value.StringValue: "hostwire-test" });
        Metric ready = Assert.Single(resource.ScopeMetrics.SelectMany(scope => scope.Metrics), metric => metric.Name is "hostwire.ready");
        Assert.Equal(1, ready.Gauge.DataPoints[0].AsDouble);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Push_that_fails_is_a_warning_that_names_the_address_and_no_login()
    {
        using var meter = new SelfMeter("hostwire.test");
        meter.Observe(HealthMetrics.All, new ServiceState(TimeProvider.System));
        IDisposable push = OtlpPush.Start(new MetricsOptions { OtlpEndpoint = $"http://user:secret@127.0.0.1:{FreePort.Next()}/otlp" }, meter, "hostwire-test", _log)!;
        await Task.Run(push.Dispose, TestContext.Current.CancellationToken);
        string message = Assert.Single(_log.Lines).Message;
        Assert.Contains("/otlp", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_pushed_unless_a_setting_says_where()
    {
        using var meter = new SelfMeter("hostwire.test");
        Assert.Null(OtlpPush.Start(new MetricsOptions(), meter, "hostwire-test", _log));
    }
}
