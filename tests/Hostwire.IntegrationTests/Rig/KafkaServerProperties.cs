namespace Hostwire.IntegrationTests.Rig;

/// <summary>The broker's <c>server.properties</c>.</summary>
internal static class KafkaServerProperties
{
    /// <summary>One line a property; those of <paramref name="overrides"/> win.</summary>
    public static string Render(
        string data, string tls, KafkaPorts ports, string[] users, string password, IReadOnlyList<ProxiedListener> proxied, IReadOnlyList<TlsListener> secured, IReadOnlyDictionary<string, string> overrides)
    {
        string plainUsers = $"org.apache.kafka.common.security.plain.PlainLoginModule required{string.Concat(users.Select(user => $" user_{user}=\"{password}\""))};";
        var properties = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["node.id"] = "1",
            ["process.roles"] = "broker,controller",
            ["controller.quorum.voters"] = $"1@127.0.0.1:{ports.Controller}",
            ["controller.listener.names"] = "CONTROLLER",
            ["inter.broker.listener.name"] = "PLAINTEXT",
            ["listeners"] = $"PLAINTEXT://127.0.0.1:{ports.Plain},SSL://127.0.0.1:{ports.Tls},SASL_SSL://127.0.0.1:{ports.Sasl},CONTROLLER://127.0.0.1:{ports.Controller}"
                + string.Concat(proxied.Select(one => $",{one.Name}://127.0.0.1:{one.Port}")) + string.Concat(secured.Select(one => $",{one.Name}://127.0.0.1:{one.Port}")),
            // By name where TLS verifies names; by address else, so that no client tries ::1 first.
            ["advertised.listeners"] = $"PLAINTEXT://127.0.0.1:{ports.Plain},SSL://localhost:{ports.Tls},SASL_SSL://localhost:{ports.Sasl}"
                + string.Concat(proxied.Select(one => $",{one.Name}://127.0.0.1:{one.AdvertisedPort}")) + string.Concat(secured.Select(one => $",{one.Name}://localhost:{one.Port}")),
            ["listener.security.protocol.map"] = "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT"
                + string.Concat(proxied.Select(one => $",{one.Name}:PLAINTEXT")) + string.Concat(secured.Select(one => $",{one.Name}:{(one.IsSasl ? "SASL_SSL" : "SSL")}")),
            ["log.dirs"] = data,
            ["auto.create.topics.enable"] = "false",
            ["offsets.topic.replication.factor"] = "1",
            ["offsets.topic.num.partitions"] = "4",
            ["transaction.state.log.replication.factor"] = "1",
            ["transaction.state.log.min.isr"] = "1",
            ["transaction.state.log.num.partitions"] = "2",
            // A test that waits three seconds for a group to form, or nine for a killed broker to be let in again, waits for nothing. But a broker that a busy machine holds up for some seconds is not to be
            // taken for dead: librdkafka 2.16 does not survive a coordinator that falls out of the metadata (docs/reliability.md).
            ["group.initial.rebalance.delay.ms"] = "0",
            ["group.min.session.timeout.ms"] = "1000",
            ["broker.session.timeout.ms"] = "6000",
            ["broker.heartbeat.interval.ms"] = "500",
            ["ssl.keystore.type"] = "PEM",
            ["ssl.keystore.location"] = $"{tls}/broker.keystore.pem",
            ["ssl.truststore.type"] = "PEM",
            ["ssl.truststore.location"] = $"{tls}/ca.pem",
            ["sasl.enabled.mechanisms"] = "SCRAM-SHA-256,SCRAM-SHA-512,PLAIN",
        };
        foreach (TlsListener listener in secured.Append(new TlsListener("SSL", ports.Tls, IsSasl: false, "broker")).Append(new TlsListener("SASL_SSL", ports.Sasl, IsSasl: true, "broker")))
        {
            string prefix = $"listener.name.{listener.Name.ToLowerInvariant()}";
            properties[$"{prefix}.ssl.keystore.location"] = $"{tls}/{listener.KeyStore}.keystore.pem";
            properties[$"{prefix}.ssl.client.auth"] = listener.IsSasl ? "none" : "required";
            if (listener.IsSasl)
            {
                properties[$"{prefix}.plain.sasl.jaas.config"] = plainUsers;
                properties[$"{prefix}.scram-sha-256.sasl.jaas.config"] = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
                properties[$"{prefix}.scram-sha-512.sasl.jaas.config"] = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
            }
        }

        foreach ((string name, string value) in overrides)
        {
            properties[name] = value;
        }

        return string.Concat(properties.Select(property => $"{property.Key}={property.Value}\n"));
    }
}
