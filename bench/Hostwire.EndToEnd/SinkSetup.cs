using System.Globalization;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.EndToEnd;

/// <summary>A published sink with its default settings, on a topic and a database.</summary>
internal static class SinkSetup
{
    /// <summary>Writes the settings file of sinks, and of whatever else wants to know where the topic and the database are.</summary>
    /// <param name="directory">Where it is written.</param>
    /// <param name="kafka">The broker.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="database">The database.</param>
    /// <param name="sinkLines">More lines for the section <c>[sink]</c>.</param>
    public static Task<string> WriteAsync(TestDirectory directory, KafkaBroker kafka, string topic, TestDatabase database, string sinkLines = "") => directory.WriteAsync("hostwire.toml", $"""
        [kafka]
        bootstrap_servers = "{kafka.BootstrapServers}"
        security = "plaintext"
        topic = "{topic}"

        [postgres]
        uri = "{database.Uri}"

        [sink]
        group = "bench-{Guid.NewGuid():n}"
        {sinkLines}

        """);

    /// <summary>Starts a sink; its own metrics are on that port.</summary>
    public static Task<ChildProcess> StartAsync(PublishedBinary hostwire, string settings, int metricsPort) =>
        hostwire.StartAsync(["sink", "--config", settings, "--metrics-sink-listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{metricsPort}")]);

    /// <summary>Ends it as a service manager does.</summary>
    /// <exception cref="BenchFailedException">It ended in another way than well.</exception>
    public static async Task StopAsync(ChildProcess sink, CancellationToken cancellationToken)
    {
        sink.Signal(UnixSignal.Terminate);
        int exitCode = await sink.WaitForExitAsync(cancellationToken);
        if (exitCode != 0)
        {
            throw new BenchFailedException($"the sink ended with {exitCode}:\n{sink.Describe()}");
        }
    }
}
