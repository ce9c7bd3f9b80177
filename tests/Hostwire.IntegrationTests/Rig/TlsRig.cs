namespace Hostwire.IntegrationTests.Rig;

/// <summary>A Kafka and a PostgreSQL of our own, with TLS and private CAs, for the tests of one class (<c>IClassFixture</c>); each starts when first asked for.</summary>
public sealed class TlsRig : IAsyncDisposable
{
    /// <summary>With mutual TLS and SASL; call <see cref="KafkaBroker.EnsureStartedAsync"/> or <see cref="KafkaBroker.CreateTopicAsync"/> first.</summary>
    public KafkaBroker Kafka { get; } = KafkaBroker.CreateOwn();

    /// <summary>Its certificate names localhost and 127.0.0.1.</summary>
    public PostgresServer Postgres { get; } = PostgresServer.CreateOwn();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Kafka.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
