using System.Runtime.InteropServices;
using System.Text;

namespace Hostwire.Kafka;

/// <summary>
/// The functions of librdkafka's test broker (<c>rdkafka_mock.h</c>, 2.16), which Confluent.Kafka does not bind. Looked up by name in the very file that
/// Confluent.Kafka loads, so nothing more has to be shipped; function pointers, because they need neither reflection nor generated code.
/// </summary>
internal sealed unsafe class MockBrokerLibrary
{
    private const int ErrorLengthMax = 512;
    private const int Producer = 0;
    private const int ConfigurationOk = 0;

    private readonly delegate* unmanaged<nint> _newConfiguration;
    private readonly delegate* unmanaged<nint, void> _destroyConfiguration;
    private readonly delegate* unmanaged<nint, byte*, byte*, byte*, nuint, int> _setConfiguration;
    private readonly delegate* unmanaged<int, nint, byte*, nuint, nint> _newClient;
    private readonly delegate* unmanaged<nint, void> _destroyClient;
    private readonly delegate* unmanaged<int, byte*> _errorText;
    private readonly delegate* unmanaged<nint, int, nint> _newCluster;
    private readonly delegate* unmanaged<nint, void> _destroyCluster;
    private readonly delegate* unmanaged<nint, byte*> _bootstraps;
    private readonly delegate* unmanaged<nint, byte*, int, int, int> _createTopic;
    private readonly delegate* unmanaged<nint, int, void> _setRebalanceDelay;
    private readonly delegate* unmanaged<nint, int, void> _setController;

    private MockBrokerLibrary(nint library)
    {
        _newConfiguration = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "rd_kafka_conf_new");
        _destroyConfiguration = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_conf_destroy");
        _setConfiguration = (delegate* unmanaged<nint, byte*, byte*, byte*, nuint, int>)NativeLibrary.GetExport(library, "rd_kafka_conf_set");
        _newClient = (delegate* unmanaged<int, nint, byte*, nuint, nint>)NativeLibrary.GetExport(library, "rd_kafka_new");
        _destroyClient = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_destroy");
        _errorText = (delegate* unmanaged<int, byte*>)NativeLibrary.GetExport(library, "rd_kafka_err2str");
        _newCluster = (delegate* unmanaged<nint, int, nint>)NativeLibrary.GetExport(library, "rd_kafka_mock_cluster_new");
        _destroyCluster = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_mock_cluster_destroy");
        _bootstraps = (delegate* unmanaged<nint, byte*>)NativeLibrary.GetExport(library, "rd_kafka_mock_cluster_bootstraps");
        _createTopic = (delegate* unmanaged<nint, byte*, int, int, int>)NativeLibrary.GetExport(library, "rd_kafka_mock_topic_create");
        _setRebalanceDelay = (delegate* unmanaged<nint, int, void>)NativeLibrary.GetExport(library, "rd_kafka_mock_group_initial_rebalance_delay_ms");
        _setController = (delegate* unmanaged<nint, int, void>)NativeLibrary.GetExport(library, "rd_kafka_mock_set_controller_id");
    }

    /// <summary>Binds them.</summary>
    /// <inheritdoc cref="LibrdkafkaFile.Load" path="/exception"/>
    public static MockBrokerLibrary Load() => new(LibrdkafkaFile.Load());

    /// <summary>The client that a test cluster lives in. It connects to nothing and logs errors alone, to stderr.</summary>
    public nint NewClient()
    {
        nint configuration = _newConfiguration();
        byte* error = stackalloc byte[ErrorLengthMax];
        // At the default level it would complain that no bootstrap servers are set, which is so by intention.
        if (Set(configuration, "log_level", "3", error) != ConfigurationOk)
        {
            _destroyConfiguration(configuration);
            throw new InvalidOperationException($"librdkafka refuses a setting: {Text(error)}");
        }

        nint client = _newClient(Producer, configuration, error, ErrorLengthMax);
        if (client == 0)
        {
            // Only a client that was made owns its configuration.
            _destroyConfiguration(configuration);
            throw new InvalidOperationException($"librdkafka made no client: {Text(error)}");
        }

        return client;
    }

    /// <summary>Starts one broker on a free port of the loopback address; 0 where it could not listen.</summary>
    public nint NewCluster(nint client) => _newCluster(client, 1);

    /// <summary>Its address, HOST:PORT.</summary>
    public string Bootstraps(nint cluster) => Text(_bootstraps(cluster));

    /// <summary>How long a new group waits for more members before its first assignment, in milliseconds.</summary>
    public void SetRebalanceDelay(nint cluster, int milliseconds) => _setRebalanceDelay(cluster, milliseconds);

    /// <summary>Names the broker (the first is 1) that metadata calls the controller. Without one, admin clients wait for it until they time out.</summary>
    public void SetController(nint cluster, int brokerId) => _setController(cluster, brokerId);

    /// <summary>Makes a topic; null, or why not.</summary>
    public string? CreateTopic(nint cluster, string topic, int partitions)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(topic + '\0'))
        {
            int error = _createTopic(cluster, name, partitions, 1);
            return error == 0 ? null : Text(_errorText(error));
        }
    }

    /// <summary>Stops the broker and forgets its records.</summary>
    public void DestroyCluster(nint cluster) => _destroyCluster(cluster);

    /// <summary>Ends the client; its clusters must be gone.</summary>
    public void DestroyClient(nint client) => _destroyClient(client);

    private int Set(nint configuration, string name, string value, byte* error)
    {
        fixed (byte* nameBytes = Encoding.UTF8.GetBytes(name + '\0'), valueBytes = Encoding.UTF8.GetBytes(value + '\0'))
        {
            return _setConfiguration(configuration, nameBytes, valueBytes, error, ErrorLengthMax);
        }
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
