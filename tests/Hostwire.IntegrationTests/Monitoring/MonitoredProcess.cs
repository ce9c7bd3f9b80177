using System.Globalization;
using System.Net;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Monitoring;

/// <summary>A process that answers <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
internal sealed class MonitoredProcess(ChildProcess process, int port) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Waits until <c>/readyz</c> says this; for a minute, which is what is promised.</summary>
    public async Task ReadyAsync(bool isReady, string words)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        late.CancelAfter(TimeSpan.FromSeconds(60));
        string last = "";
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    (HttpStatusCode status, last) = await GetAsync("/readyz");
                    return status == (isReady ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable) && last.Contains(words, StringComparison.Ordinal);
                },
                $"/readyz to say {words}",
                late.Token,
                process);
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            Assert.Fail($"/readyz did not say \"{words}\" within a minute, but: {last}\n{process.Describe()}");
        }

        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/healthz")).Status);
    }

    /// <summary>Waits until a metric has at least this value, summed up over its labels.</summary>
    public Task ReachesAsync(string name, double value) =>
        Eventually.TrueAsync(async () => await SumAsync(name) >= value, $"{name} to reach {value}", Cancellation, process);

    /// <summary>The value of a metric, summed up over its labels.</summary>
    public async Task<double> SumAsync(string name) => (await SamplesAsync()).Where(sample => sample.Name == name).Sum(sample => sample.Value);

    /// <summary>The names of the metrics that there are.</summary>
    public async Task<string[]> NamesAsync() =>
        [.. (await GetAsync("/metrics")).Body.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];

    public void Dispose() => _client.Dispose();

    private async Task<IEnumerable<(string Name, double Value)>> SamplesAsync()
    {
        // One that does not listen yet has none.
        (HttpStatusCode status, string page) = await GetAsync("/metrics");
        return (status == HttpStatusCode.OK ? page : "").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => (line.Split('{', ' ')[0], double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)));
    }

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        }
        catch (HttpRequestException error)
        {
            // It does not listen yet.
            return (HttpStatusCode.BadGateway, error.Message);
        }
    }
}
