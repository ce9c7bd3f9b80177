namespace Hostwire.Kafka;

/// <summary>What Hostwire has to say about librdkafka's properties: which may not be set, and which are secret.</summary>
internal static class KafkaProperties
{
    /// <summary>Properties with a name that says a secret is inside; their values are never shown.</summary>
    private static readonly string[] SecretParts = ["password", "secret", "key.pem", "jaas", "oauthbearer.config", "token", "passphrase", "assertion"];

    /// <summary>The usual properties that librdkafka leaves out where it lists them: other names, and those that have no default.</summary>
    public static string[] NotListed { get; } =
    [
        "ssl.ca.location", "ssl.ca.pem", "ssl.certificate.location", "ssl.certificate.pem", "ssl.key.location", "ssl.key.pem", "ssl.key.password",
        "ssl.keystore.location", "ssl.keystore.password", "ssl.crl.location", "ssl.cipher.suites", "ssl.curves.list", "ssl.sigalgs.list",
        "sasl.username", "sasl.password", "sasl.oauthbearer.config", "sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.token.endpoint.url", "sasl.oauthbearer.scope", "sasl.oauthbearer.extensions", "client.rack", "debug", "group.instance.id",
        "linger.ms", "compression.type", "sasl.mechanism", "max.in.flight", "retries", "queue.buffering.max.ms", "fetch.max.wait.ms",
    ];

    /// <summary>Whether the value must not be shown.</summary>
    public static bool IsSecret(string name) => SecretParts.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>Why the property may not be set in <c>[kafka.properties]</c>, going on after its name; null where it may.</summary>
    public static string? Refusal(string name) => name switch
    {
        "bootstrap.servers" or "metadata.broker.list" => "has its own key: set kafka.bootstrap_servers.",
        "group.id" => "has its own key: set sink.group, under which the database keeps the offsets too.",
        "enable.idempotence" => "stays true: without it a retry can write a record twice or out of order.",
        "acks" or "request.required.acks" => "stays all: with fewer an acknowledged record is lost with the broker that holds it.",
        "message.timeout.ms" or "delivery.timeout.ms" => "stays 0 (no limit): with one a record is given up when Kafka is away for longer.",
        "transactional.id" => "cannot be set: the producer is idempotent and uses no transactions.",
        "delivery.report.only.error" => "stays false: a record is kept until its acknowledgement is reported.",
        "enable.auto.commit" => "stays true: what is committed to Kafka are the offsets of records that are stored, and where a sink goes on is in PostgreSQL.",
        "enable.auto.offset.store" => "stays false: an offset counts when its record is stored, not when it is read.",
        "enable.partition.eof" => "stays false: the end of a partition is no record.",
        "auto.offset.reset" => "stays error: where to go on after a gap is decided from the offsets in PostgreSQL, and recorded there.",
        "isolation.level" => "stays read_committed: records of an aborted transaction were never sent.",
        "partition.assignment.strategy" => "stays cooperative-sticky: with another, partitions that a sink keeps are interrupted when a sink comes or goes.",
        "queue.buffering.max.messages" or "queue.buffering.max.kbytes" => "is Hostwire's: records wait in the agent's spool, see agent.spool_max_bytes and agent.queue_max_bytes.",
        _ when name.StartsWith("dotnet.", StringComparison.Ordinal) => "is not a property of librdkafka but of a client library, which Hostwire sets itself.",
        _ => null,
    };
}
