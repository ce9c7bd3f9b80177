using Hostwire.Diagnostics;

namespace Hostwire.Kafka;

/// <summary>
/// A Kafka broker inside this process, for trying Hostwire without Java: librdkafka's own test broker, which speaks the real protocol on a free port of the
/// loopback address. It keeps the last 5 MiB of each partition in memory and forgets everything when it ends; each start is a new cluster with new topic
/// ids. It has no topic administration and stamps no LogAppendTime, so it proves nothing about real brokers.
/// </summary>
public sealed class EmbeddedBroker : IDisposable
{
    private readonly MockBrokerLibrary _library;
    private readonly nint _client;
    private nint _cluster;

    /// <summary>Starts it with one topic of the given number of partitions.</summary>
    /// <exception cref="UserException">No port of the loopback address is to be had.</exception>
    public EmbeddedBroker(string topic, int partitions)
    {
        _library = MockBrokerLibrary.Load();
        _client = _library.NewClient();
        _cluster = _library.NewCluster(_client);
        if (_cluster == 0)
        {
            _library.DestroyClient(_client);
            throw new UserException("The embedded broker cannot listen on 127.0.0.1: check that the loopback interface is up, or use a real one with --kafka HOST:PORT.");
        }

        // A real broker waits three seconds for more members; here nearly always one sink comes, and somebody waits for the first rows.
        _library.SetRebalanceDelay(_cluster, 0);
        _library.SetController(_cluster, brokerId: 1);
        BootstrapServers = _library.Bootstraps(_cluster);
        if (_library.CreateTopic(_cluster, topic, partitions) is string error)
        {
            Dispose();
            throw new InvalidOperationException($"The embedded broker cannot make the topic {topic}: {error}");
        }
    }

    /// <summary>Its address, HOST:PORT.</summary>
    public string BootstrapServers { get; }

    /// <summary>Stops listening; clients see the connection end. Records that nobody consumed are gone.</summary>
    public void Dispose()
    {
        if (_cluster == 0)
        {
            return;
        }

        _library.DestroyCluster(_cluster);
        _library.DestroyClient(_client);
        _cluster = 0;
    }
}
