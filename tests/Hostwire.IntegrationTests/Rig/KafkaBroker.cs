using System.Globalization;
using Hostwire.IntegrationTests.Rig;

[assembly: AssemblyFixture(typeof(KafkaBroker))]

namespace Hostwire.IntegrationTests.Rig;

/// <summary>
/// A real Apache Kafka on loopback: one KRaft node with the ports of an Aiven service (mutual TLS; SASL over TLS) beside a plain one, and no
/// automatic topics. The test run shares one; a test that stops or kills it makes its own with <see cref="CreateOwn"/>.
/// </summary>
/// <remarks>
/// Starts when first asked for, which takes some seconds. <c>HOSTWIRE_TEST_KAFKA</c> (HOST:PORT, plain) names a running broker to share instead;
/// tests that need TLS or stop the broker then still start their own.
/// </remarks>
public sealed class KafkaBroker : IAsyncDisposable
{
    private const string Variable = "HOSTWIRE_TEST_KAFKA";

    private readonly SemaphoreSlim _gate = new(1);
    private readonly bool _isOwn;
    private readonly IReadOnlyDictionary<string, string> _properties;
    private readonly IReadOnlyList<ProxiedListener> _proxied;
    private readonly IReadOnlyList<TlsListener> _secured;
    private string _home = "";
    private TestDirectory? _directory;
    private KafkaPorts? _ports;
    private ChildProcess? _process;
    private KafkaClient? _client;

    /// <summary>The run's shared broker; only xunit calls this.</summary>
    public KafkaBroker()
        : this(isOwn: false, new Dictionary<string, string>(StringComparer.Ordinal), [], [])
    {
    }

    private KafkaBroker(bool isOwn, IReadOnlyDictionary<string, string> properties, IReadOnlyList<ProxiedListener> proxied, IReadOnlyList<TlsListener> secured)
    {
        _isOwn = isOwn;
        _properties = properties;
        _proxied = proxied;
        _secured = secured;
    }

    /// <summary>The SASL user, who is also the common name of <c>service.cert</c>.</summary>
    public static string User => "avnadmin";

    /// <summary>Another SASL user, with the same password, who is also the common name of <c>guest.cert</c>: without rights where rights are asked for.</summary>
    public static string Guest => "guest";

    /// <summary>The SASL password.</summary>
    public string Password { get; } = Guid.NewGuid().ToString("n");

    /// <summary>HOST:PORT without TLS.</summary>
    public string BootstrapServers { get; private set; } = "";

    /// <summary>HOST:PORT for mutual TLS: a client certificate of the private CA is required.</summary>
    public string TlsBootstrapServers => $"localhost:{Ports.Tls}";

    /// <summary>HOST:PORT for SASL over TLS: SCRAM-SHA-256, SCRAM-SHA-512 and PLAIN.</summary>
    public string SaslBootstrapServers => $"localhost:{Ports.Sasl}";

    /// <summary>The folder with <c>ca.pem</c>, <c>service.cert</c>, <c>service.key</c>, and another such pair, <c>renewed.cert|key</c>, and <c>guest.cert|key</c>; and, to be refused, <c>other-ca.pem</c>, <c>other.cert|key</c>, <c>expired.cert|key</c>.</summary>
    public string TlsDirectory => Directory["tls"];

    /// <summary>Topics, records and groups, for the test itself.</summary>
    public KafkaClient Client => _client ?? throw new InvalidOperationException($"Call {nameof(EnsureStartedAsync)} first.");

    /// <summary>The Java process's id.</summary>
    public int ProcessId => Process.Id;

    /// <summary>Whether it runs: it was started, and nobody has stopped or killed it since.</summary>
    public bool IsRunning => _process is { HasExited: false };

    private ChildProcess Process => _process ?? throw NotOurs();

    private TestDirectory Directory => _directory ?? throw NotOurs();

    private KafkaPorts Ports => _ports ?? throw NotOurs();

    /// <summary>A broker for one test alone, which may stop, freeze and kill it.</summary>
    /// <param name="properties">Lines for <c>server.properties</c> that win over the rig's.</param>
    /// <param name="proxied">Listeners for clients that come through proxies.</param>
    /// <param name="secured">Listeners with certificates of their own.</param>
    public static KafkaBroker CreateOwn(
        IReadOnlyDictionary<string, string>? properties = null, IReadOnlyList<ProxiedListener>? proxied = null, IReadOnlyList<TlsListener>? secured = null) =>
        new(isOwn: true, properties ?? new Dictionary<string, string>(StringComparer.Ordinal), proxied ?? [], secured ?? []);

    /// <summary>Starts it where it does not run yet; returns once it answers. Skips the test where no Kafka can be had.</summary>
    public async Task EnsureStartedAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_client is not null)
            {
                return;
            }

            if (!_isOwn && Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } running)
            {
                BootstrapServers = running;
                _client = new KafkaClient(running);
                await _client.WaitUntilReadyAsync(cancellationToken);
            }
            else
            {
                _home = await KafkaLocation.HomeAsync();
                await InitialiseAsync();
                await StartAsync(cancellationToken);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A new, empty topic of the test's own; starts the broker if need be. Skips the test where no Kafka can be had.</summary>
    /// <param name="partitions">How many.</param>
    /// <param name="config">Topic settings, e.g. <c>message.timestamp.type</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<string> CreateTopicAsync(int partitions = 1, Dictionary<string, string>? config = null, CancellationToken cancellationToken = default)
    {
        await EnsureStartedAsync(cancellationToken);
        string topic = $"test_{Guid.NewGuid():n}";
        await Client.CreateTopicAsync(topic, partitions, config);
        return topic;
    }

    /// <summary>Starts it again after <see cref="StopAsync"/> or <see cref="KillAsync"/>, on the same ports with the same data.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        _process = await ChildProcess.StartAsync(Path.Combine(_home, "bin", "kafka-server-start.sh"), [Directory["server.properties"]], ChildEnvironment());
        BootstrapServers = $"127.0.0.1:{Ports.Plain}";
        _client ??= new KafkaClient(BootstrapServers);
        Task ready = _client.WaitUntilReadyAsync(cancellationToken);
        Task<int> ended = _process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(ready, ended) == ended)
        {
            throw new InvalidOperationException($"Kafka ended while it was starting.\n{_process.Describe()}");
        }

        await ready;
    }

    /// <summary>
    /// How the batches on a topic of one partition are compressed, in Kafka's numbers (1 gzip, 2 snappy, 3 lz4, 4 zstd), as they lie on the broker's disk;
    /// null for a broker that was there before.
    /// </summary>
    public int[]? CompressionTypes(string topic)
    {
        if (_directory is null)
        {
            return null;
        }

        // A batch: base offset (8 bytes), length of what follows (4), leader epoch (4), magic (1), checksum (4), attributes (2).
        const int LengthAt = 8;
        const int AttributesAt = 22;
        using FileStream file = new(Path.Combine(_directory["data"], $"{topic}-0", "00000000000000000000.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var types = new List<int>();
        byte[] head = new byte[AttributesAt + 1];
        while (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            types.Add(head[AttributesAt] & 7);
            file.Position += LengthAt + sizeof(int) + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(LengthAt)) - head.Length;
        }

        return [.. types];
    }

    /// <summary>Stops it in good order.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => EndAsync(UnixSignal.Terminate, cancellationToken);

    /// <summary>Kills it.</summary>
    public Task KillAsync(CancellationToken cancellationToken = default) => EndAsync(UnixSignal.Kill, cancellationToken);

    /// <summary>Sends it a signal, e.g. <see cref="UnixSignal.Stop"/> and <see cref="UnixSignal.Continue"/>.</summary>
    public void Signal(UnixSignal signal) => Process.Signal(signal);

    /// <summary>Kills the broker; its data goes with it.</summary>
    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _directory?.Dispose();
        _gate.Dispose();
    }

    private static InvalidOperationException NotOurs() => new($"The broker has not been started, or is the one that {Variable} names, which is not ours to stop: use {nameof(CreateOwn)}.");

    private async Task InitialiseAsync()
    {
        _directory = new TestDirectory("kafka");
        _ports = new KafkaPorts(FreePort.Next(), FreePort.Next(), FreePort.Next(), FreePort.Next());
        KafkaCertificates.Write(TlsDirectory, User, Guest);
        string properties = _directory["server.properties"];
        await File.WriteAllTextAsync(properties, KafkaServerProperties.Render(_directory["data"], TlsDirectory, _ports, [User, Guest], Password, _proxied, _secured, _properties));
        string[] format =
        [
            "format", "-t", NewClusterId(), "-c", properties,
            .. from user in (string[])[User, Guest]
               from mechanism in (string[])["SCRAM-SHA-256", "SCRAM-SHA-512"]
               from argument in (string[])["--add-scram", $"{mechanism}=[name={user},password={Password}]"]
               select argument,
        ];
        await ChildProcess.RunAsync(Path.Combine(_home, "bin", "kafka-storage.sh"), format, ChildEnvironment());
    }

    // The form of Kafka's own ids: 16 bytes in URL-safe base 64. One that begins with a dash would be taken for an option.
    private static string NewClusterId()
    {
        string id = System.Buffers.Text.Base64Url.EncodeToString(Guid.NewGuid().ToByteArray());
        return id.StartsWith('-') ? NewClusterId() : id;
    }

    private Dictionary<string, string?> ChildEnvironment() => new(StringComparer.Ordinal)
    {
        // Seconds of start matter here and throughput does not.
        ["KAFKA_HEAP_OPTS"] = "-Xms64m -Xmx384m",
        ["KAFKA_JVM_PERFORMANCE_OPTS"] = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto",
        // A distribution's scripts would otherwise write logs into the distribution, which may be read-only.
        ["LOG_DIR"] = Directory["logs"],
    };

    private async Task EndAsync(UnixSignal signal, CancellationToken cancellationToken)
    {
        Process.Signal(signal);
        // A frozen broker acts on a signal only once it goes on.
        Process.Signal(UnixSignal.Continue);
        await Process.WaitForExitAsync(cancellationToken);
    }
}
