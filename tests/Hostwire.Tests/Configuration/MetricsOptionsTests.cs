using Hostwire.Configuration;

namespace Hostwire.Tests.Configuration;

public sealed class MetricsOptionsTests
{
    [Theory]
    [InlineData("127.0.0.1:9847", "127.0.0.1:9847")]
    [InlineData("localhost:0", "127.0.0.1:0")]
    [InlineData("[::1]:9847", "[::1]:9847")]
    [InlineData("0.0.0.0:80", "0.0.0.0:80")]
    public void Address_and_port_are_read(string text, string address)
    {
        Assert.True(MetricsOptions.TryParseAddress(text, out System.Net.IPEndPoint parsed));
        Assert.Equal(address, parsed.ToString());
    }

    [Theory]
    [InlineData("9847")]
    [InlineData(":9847")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("::1:9847")]
    [InlineData("web-1.example:9847")]
    public void What_is_no_address_is_refused_with_its_key(string text)
    {
        Assert.False(MetricsOptions.TryParseAddress(text, out _));
        Assert.Equal("metrics.sink_listen", Assert.Single(new MetricsOptions { SinkListen = text }.Problems()).Key);
    }

    [Theory]
    [InlineData("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/metrics")]
    [InlineData("https://otlp.example/", "https://otlp.example/v1/metrics")]
    [InlineData("https://otlp.example/api/v1/otlp/metrics", "https://otlp.example/api/v1/otlp/metrics")]
    public void Endpoint_without_a_path_gets_the_usual_one(string text, string url)
    {
        Assert.True(MetricsOptions.TryParseEndpoint(text, out Uri endpoint));
        Assert.Equal(url, endpoint.ToString());
    }

    [Theory]
    [InlineData("127.0.0.1:4318", "")]
    [InlineData("file:///tmp/x", "")]
    [InlineData("", "Authorization")]
    [InlineData("", "=x")]
    public void What_cannot_be_pushed_to_is_refused(string endpoint, string headers) =>
        Assert.Single(new MetricsOptions { OtlpEndpoint = endpoint, OtlpHeaders = headers }.Problems());

    [Fact]
    public void Defaults_are_fine_and_empty_switches_everything_off()
    {
        Assert.Empty(new MetricsOptions().Problems());
        Assert.Empty(new MetricsOptions { AgentListen = "", SinkListen = "" }.Problems());
    }
}
