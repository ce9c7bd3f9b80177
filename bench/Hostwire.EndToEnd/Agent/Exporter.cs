using System.Globalization;
using System.IO.Compression;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.EndToEnd.Agent;

/// <summary>Debian's node_exporter with its default collectors, scraped as Prometheus does: one connection, compressed answers.</summary>
internal sealed class Exporter : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly HttpClient _client;

    private Exporter(ChildProcess process, int port)
    {
        _process = process;
        _client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.None })
        {
            BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")),
        };
        _client.DefaultRequestHeaders.Add("Accept-Encoding", "gzip");
        _client.DefaultRequestHeaders.Add("Accept", "text/plain;version=0.0.4");
    }

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Bytes of all answers so far, as they came over the wire.</summary>
    public long Bytes { get; private set; }

    /// <summary>Values in the last answer.</summary>
    public int Values { get; private set; }

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<Exporter> StartAsync(CancellationToken cancellationToken)
    {
        int port = FreePort.Next();
        var exporter = new Exporter(await ChildProcess.StartAsync("prometheus-node-exporter", [string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}")]), port);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await exporter.ScrapeAsync(cancellationToken);
                    return true;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "node_exporter to answer",
            cancellationToken,
            exporter._process);
        return exporter;
    }

    /// <summary>One scrape.</summary>
    public async Task ScrapeAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _client.GetAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
        byte[] body = await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellationToken);
        Bytes += body.Length;
        using var page = new StreamReader(new GZipStream(new MemoryStream(body), CompressionMode.Decompress));
        Values = MetricsPage.Samples(await page.ReadToEndAsync(cancellationToken)).Count();
    }

    /// <summary>Its version, in its own words.</summary>
    public static async Task<string> VersionAsync()
    {
        await using ChildProcess process = await ChildProcess.StartAsync("prometheus-node-exporter", ["--version"]);
        await process.WaitForExitAsync();
        return (process.StandardOutput + process.StandardError).Split('\n')[0].Split(" (")[0];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _process.DisposeAsync();
    }
}
