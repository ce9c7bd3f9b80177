using System.Globalization;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>What rounds run on, one after the other: a Kafka and a PostgreSQL of its own, and a proxy on every way of the product to them.</summary>
internal sealed class FaultStand : IAsyncDisposable
{
    /// <summary>The most sinks of a round; each has its own proxies, so that one can be cut off and the others not.</summary>
    public const int SinksMax = 3;

    /// <summary>Starts nothing yet.</summary>
    public FaultStand(PublishedBinary hostwire)
    {
        Hostwire = hostwire;
        Kafka = KafkaBroker.CreateOwn(Authorizer, [.. SinkToKafka.Select((proxy, i) => Listener(string.Create(CultureInfo.InvariantCulture, $"SINK{i}"), proxy)), Listener("AGENT", AgentToKafka)]);
        Files = new TestDirectory("faults");
    }

    /// <summary>The native binary.</summary>
    public PublishedBinary Hostwire { get; }

    /// <summary>The broker.</summary>
    public KafkaBroker Kafka { get; }

    /// <summary>The database server.</summary>
    public PostgresServer Postgres { get; } = PostgresServer.CreateOwn();

    /// <summary>Where settings and spools are written.</summary>
    public TestDirectory Files { get; }

    /// <summary>The ways of the sinks to Kafka.</summary>
    public FaultProxy[] SinkToKafka { get; } = [.. Enumerable.Range(0, SinksMax).Select(_ => new FaultProxy())];

    /// <summary>The way of the agent to Kafka.</summary>
    public FaultProxy AgentToKafka { get; } = new();

    /// <summary>The ways of the sinks to PostgreSQL.</summary>
    public FaultProxy[] SinkToPostgres { get; } = [.. Enumerable.Range(0, SinksMax).Select(_ => new FaultProxy())];

    // Everybody who does not log in may do anything; who logs in, as an agent may, has the rights that he was given.
    private static Dictionary<string, string> Authorizer { get; } = new(StringComparer.Ordinal)
    {
        ["authorizer.class.name"] = "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        ["super.users"] = "User:ANONYMOUS",
    };

    /// <summary>PgBouncer before that server; started for the first round that wants it.</summary>
    public PgBouncerServer? Pooler { get; private set; }

    private FaultProxy[] Proxies => [.. SinkToKafka, AgentToKafka, .. SinkToPostgres];

    /// <summary>Starts what does not run and ends what a fault has left behind.</summary>
    public async Task MakeReadyAsync(RoundPlan plan, CancellationToken cancellationToken)
    {
        foreach (FaultProxy proxy in Proxies)
        {
            proxy.Heal();
            proxy.CutAll();
        }

        await Task.WhenAll(StartKafkaAsync(cancellationToken), StartPostgresAsync(cancellationToken));
        int port = plan.IsPooled ? await StartPoolerAsync(cancellationToken) : Postgres.Port;
        foreach (FaultProxy proxy in SinkToPostgres)
        {
            proxy.Target = port;
        }
    }

    /// <summary>A library to load into a process, made from a source file beside the agents' part of the runner.</summary>
    public async Task<string> LibraryAsync(string source)
    {
        string library = Files[Path.ChangeExtension(source, ".so")];
        if (!File.Exists(library))
        {
            await PreloadedLibrary.MakeAsync(source, library);
        }

        return library;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (FaultProxy proxy in Proxies)
        {
            await proxy.DisposeAsync();
        }

        if (Pooler is not null)
        {
            await Pooler.DisposeAsync();
        }

        await Kafka.DisposeAsync();
        await Postgres.DisposeAsync();
        Files.Dispose();
    }

    private static ProxiedListener Listener(string name, FaultProxy proxy)
    {
        proxy.Target = FreePort.Next();
        return new ProxiedListener(name, proxy.Target, proxy.Port);
    }

    private async Task StartKafkaAsync(CancellationToken cancellationToken)
    {
        await Kafka.EnsureStartedAsync(cancellationToken);
        if (!Kafka.IsRunning)
        {
            await Kafka.StartAsync(cancellationToken);
        }
    }

    private async Task StartPostgresAsync(CancellationToken cancellationToken)
    {
        await Postgres.EnsureStartedAsync(cancellationToken);
        if (!Postgres.IsRunning)
        {
            await Postgres.StartAsync(cancellationToken);
        }
    }

    private async Task<int> StartPoolerAsync(CancellationToken cancellationToken)
    {
        // A connection for each that a round's sinks may have: whoever stands still in a transaction keeps his.
        Pooler ??= await PgBouncerServer.StartAsync(Postgres, poolSize: 2 * SinksMax, cancellationToken);
        if (!Pooler.IsRunning)
        {
            await Pooler.StartAsync(cancellationToken);
        }

        return Pooler.Port;
    }
}
