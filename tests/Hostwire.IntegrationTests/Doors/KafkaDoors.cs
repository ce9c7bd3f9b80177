using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Doors;

/// <summary>A Kafka that asks for rights, with every door of a managed one, each also with a certificate that has expired and with one for another host; and a PostgreSQL with TLS.</summary>
public sealed class KafkaDoors : IAsyncDisposable
{
    private readonly TlsListener[] _secured =
    [
        new("SSL_EXPIRED", FreePort.Next(), IsSasl: false, "expired"),
        new("SSL_ELSEWHERE", FreePort.Next(), IsSasl: false, "elsewhere"),
        new("SASL_EXPIRED", FreePort.Next(), IsSasl: true, "expired"),
        new("SASL_ELSEWHERE", FreePort.Next(), IsSasl: true, "elsewhere"),
    ];

    private readonly Lazy<Task<TestDatabase>> _database;

    /// <summary>Starts nothing yet.</summary>
    public KafkaDoors()
    {
        // Everybody on the plain port, as the tests' own client, may do anything, and so may the usual user; the guest, nothing.
        Kafka = KafkaBroker.CreateOwn(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["authorizer.class.name"] = "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                ["super.users"] = $"User:ANONYMOUS;User:{KafkaBroker.User};User:CN={KafkaBroker.User}",
            },
            secured: _secured);
        _database = new(() => Postgres.CreateDatabaseAsync());
    }

    /// <summary>The broker.</summary>
    public KafkaBroker Kafka { get; }

    /// <summary>The database server.</summary>
    public PostgresServer Postgres { get; } = PostgresServer.CreateOwn();

    /// <summary>A database for sinks that never get to store anything.</summary>
    public Task<TestDatabase> DatabaseAsync() => _database.Value;

    /// <summary>Where a listener is.</summary>
    /// <param name="isSasl">Which of the two doors.</param>
    /// <param name="certificate">The broker's: <c>broker</c>, <c>expired</c> or <c>elsewhere</c>.</param>
    public string BootstrapServers(bool isSasl, string certificate) => certificate is "broker"
        ? isSasl ? Kafka.SaslBootstrapServers : Kafka.TlsBootstrapServers
        : Array.Find(_secured, listener => listener.IsSasl == isSasl && listener.KeyStore == certificate)!.BootstrapServers;

    /// <summary>The day on which the certificate in a PEM file expires, by UTC.</summary>
    public static string ExpiryOf(string file)
    {
        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file));
        return certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Kafka.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
