using System.Net;
using Hostwire.Configuration;

namespace Hostwire.Up;

/// <summary>What <c>up</c> makes of the settings.</summary>
internal static class UpSettings
{
    /// <summary>How often everything is read where no setting says otherwise, in seconds: often enough to watch.</summary>
    public const int IntervalSeconds = 2;

    /// <summary>Partitions of the topic on the embedded broker, as many as <c>hostwire topic create</c> makes.</summary>
    public const int Partitions = 3;

    // The embedded broker holds a fetch that finds nothing back for its whole time, even when records come meanwhile: this is what a record waits, in milliseconds.
    private const string FetchWaitMilliseconds = "50";

    /// <summary>With a broker that the user named; on this machine without TLS, since that is how one tries Kafka out, elsewhere as the settings say.</summary>
    public static KafkaOptions RealKafka(KafkaOptions kafka, string servers)
    {
        bool isLocal = servers.Split(',').All(IsLoopback);
        return kafka with
        {
            BootstrapServers = servers,
            Security = kafka.Security.Length == 0 && kafka.Username.Length == 0 && kafka.CertificateFile.Length == 0 && isLocal ? "plaintext" : kafka.Security,
        };
    }

    /// <summary>With the embedded broker, which knows neither TLS nor logins; only properties of the client stay.</summary>
    public static KafkaOptions EmbeddedKafka(KafkaOptions kafka, string bootstrapServers) =>
        new() { BootstrapServers = bootstrapServers, Topic = kafka.Topic, Security = "plaintext", Properties = kafka.Properties };

    /// <summary>As the sink gets it. Not for the agent: librdkafka warns a producer of properties that only consumers have.</summary>
    public static KafkaOptions SinkKafka(KafkaOptions kafka)
    {
        var properties = new Dictionary<string, string>(kafka.Properties, StringComparer.Ordinal);
        properties.TryAdd("fetch.wait.max.ms", FetchWaitMilliseconds);
        return kafka with { Properties = properties };
    }

    private static bool IsLoopback(string server)
    {
        server = server.Trim();
        string host = server.LastIndexOf(':') is > 0 and int colon ? server[..colon] : server;
        return host is "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
    }
}
