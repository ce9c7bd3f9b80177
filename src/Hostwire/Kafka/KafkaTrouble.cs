using System.Globalization;
using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;

namespace Hostwire.Kafka;

/// <summary>An error of librdkafka as a person needs it: what is wrong, where, and the fix.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Sentence">One or two whole sentences; no secret in them.</param>
public sealed record KafkaTrouble(KafkaTroubleKind Kind, string Sentence)
{
    /// <summary>Whether it stays until somebody changes something: waiting alone does not help.</summary>
    public bool NeedsPerson => Kind is not (KafkaTroubleKind.Unreachable or KafkaTroubleKind.Unavailable or KafkaTroubleKind.Other);

    /// <summary>Whether it only says that nothing works, as librdkafka does after every failure that says more.</summary>
    public bool IsVague { get; private init; }

    /// <summary>The server whose certificate is not trusted, as <c>HOST:PORT</c>; empty of everything else.</summary>
    private string Untrusted { get; init; } = "";

    /// <summary>Whether <see cref="LookCloserAsync"/> may find out more.</summary>
    public bool IsWorthALook => Untrusted.Length > 0;

    /// <summary>Which of two troubles found one after the other is worth telling.</summary>
    public static KafkaTrouble Telling(KafkaTrouble? known, KafkaTrouble next) =>
        known is null || next.NeedsPerson || (!known.NeedsPerson && !next.IsVague) ? next : known;

    /// <summary>Explains an error.</summary>
    /// <param name="error">As librdkafka reports it: from the error handler, a delivery report or an exception.</param>
    /// <param name="options">What the client was made with.</param>
    /// <param name="right">The right on the topic that the client needs, as an ACL names it: <c>Write</c>, <c>Read</c>, <c>Describe</c>, <c>Create</c>.</param>
    public static KafkaTrouble From(Error error, KafkaOptions options, string right) => error.Code switch
    {
        ErrorCode.Local_Resolve => Make(
            KafkaTroubleKind.UnknownHost, $"The name of Kafka's host {Where(error, options)} cannot be resolved: check kafka.bootstrap_servers and DNS."),
        ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed => Make(
            KafkaTroubleKind.Login,
            $"Kafka at {Where(error, options)} refused the login of user {options.Username} by {options.SaslMechanism}: check kafka.username, kafka.password and kafka.sasl_mechanism."),
        ErrorCode.UnsupportedSaslMechanism => Make(
            KafkaTroubleKind.Login, $"Kafka at {Where(error, options)} does not offer {options.SaslMechanism}: set kafka.sasl_mechanism to one that it does."),
        ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition or ErrorCode.UnknownTopicId => Make(
            KafkaTroubleKind.TopicMissing, $"Topic {options.Topic} does not exist at {options.BootstrapServers}: make it with `hostwire topic create`, or check kafka.topic."),
        ErrorCode.TopicAuthorizationFailed => Make(
            KafkaTroubleKind.TopicForbidden,
            $"Kafka refuses this user topic {options.Topic}: grant it {right} there (Aiven: an ACL with permission {AivenPermission(right)}; Aiven also does this while the service's disk is full)."),
        ErrorCode.ClusterAuthorizationFailed => Make(
            KafkaTroubleKind.ClusterForbidden,
            right is "Write"
                ? $"Kafka refuses this user what an idempotent producer needs: grant it Write on topic {options.Topic}, and IdempotentWrite on the cluster where brokers are older than 2.8 (Aiven: an ACL with permission write)."
                : $"Kafka refuses this user a right on the cluster: grant it {right} (Aiven: an ACL with permission {AivenPermission(right)})."),
        ErrorCode.GroupAuthorizationFailed => Make(
            KafkaTroubleKind.GroupForbidden, "Kafka refuses this user the consumer group: grant it Read on the group that sink.group names (Aiven's ACLs include every group)."),
        ErrorCode.Local_BadCompression => Make(
            KafkaTroubleKind.Batch,
            $"A batch on topic {options.Topic} cannot be unpacked, and nothing behind it on its partition is read: {error.Reason}. If it is damaged or hostile, pass over it with `hostwire sink offsets set`, which notes the gap; "
            + "if so large a batch is meant to be there, raise receive.message.max.bytes in [kafka.properties]."),
        ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend or ErrorCode.LeaderNotAvailable => Make(
            KafkaTroubleKind.Unavailable, $"Kafka has too few replicas of topic {options.Topic} to take records now ({error.Reason})."),
        ErrorCode.Local_UnsupportedFeature => Make(
            KafkaTroubleKind.Other,
            $"Kafka at {options.BootstrapServers} cannot do this: it is the embedded broker of `hostwire up`, which makes its topic by itself, or a broker older than any that Hostwire works with."),
        ErrorCode.Local_Ssl or ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_TimedOut or ErrorCode.Local_MsgTimedOut
            or ErrorCode.RequestTimedOut or ErrorCode.BrokerNotAvailable or ErrorCode.NetworkException => FromConnection(error, options),
        _ => Make(KafkaTroubleKind.Other, $"Kafka at {options.BootstrapServers}: {error.Reason} ({error.Code})."),
    };

    /// <summary>
    /// The same, with what exactly is wrong with a certificate that is not trusted, which librdkafka does not say; else itself. Takes seconds at most and never throws.
    /// </summary>
    /// <param name="options">What the client was made with.</param>
    public async Task<KafkaTrouble> LookCloserAsync(KafkaOptions options)
    {
        // Whoever sets TLS by librdkafka's own properties may trust other CAs than those we would look with.
        int colon = Untrusted.LastIndexOf(':');
        if (!ushort.TryParse(Untrusted.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            || options.Properties.Keys.Any(name => name.StartsWith("ssl.", StringComparison.Ordinal)))
        {
            return this;
        }

        // Where a client was not sent by its settings, the brokers have sent it.
        string address = options.BootstrapServers.Split(',', StringSplitOptions.TrimEntries).Any(server => server == Untrusted || server.EndsWith($"/{Untrusted}", StringComparison.Ordinal)) ? "kafka.bootstrap_servers" : "the brokers' advertised.listeners";
        var fault = new CertificateFault(Untrusted[..colon].Trim('[', ']'), address, "kafka.ca_file", FilePath.Expand(options.CaFile));
        return await CertificateLook.AtAsync(port, begin: null, fault, CancellationToken.None) is { } found ? this with { Sentence = $"{NotTrusted(Untrusted)} {found}." } : this;
    }

    private static string NotTrusted(string where) => $"The certificate of Kafka at {where} is not trusted:";

    // librdkafka has one code for many faults of a connection and tells them apart in its text alone, which is OpenSSL's for TLS.
    private static KafkaTrouble FromConnection(Error error, KafkaOptions options)
    {
        string where = Where(error, options);
        string reason = error.Reason;
        if (Says(reason, "certificate verify failed"))
        {
            string ca = options.CaFile.Length > 0 ? $"is {options.CaFile}" : "is not set, so the system's CAs are used";
            return Make(
                KafkaTroubleKind.Certificate,
                $"{NotTrusted(where)} kafka.ca_file ({ca}) must be the CA that signed it (Aiven: the project's ca.pem), and the certificate must be made out for the name in the address and not have expired.") with { Untrusted = where };
        }

        if (Says(reason, "alert bad certificate") || Says(reason, "alert certificate") || Says(reason, "alert unknown ca"))
        {
            string own = options.CertificateFile.Length > 0 ? $"kafka.certificate_file is {options.CertificateFile}" : "kafka.certificate_file is not set";
            return Make(
                KafkaTroubleKind.ClientCertificate,
                $"Kafka at {where} wants a client's certificate that its CA signed and that has not expired ({own}): set kafka.certificate_file and kafka.key_file (Aiven: service.cert, service.key), or use the port for SASL with kafka.username.");
        }

        if (Says(reason, "PLAINTEXT broker listener") || Says(reason, "wrong version number") || Says(reason, "unknown protocol"))
        {
            return Make(KafkaTroubleKind.Protocol, $"Kafka at {where} speaks no TLS on this port: check the port in kafka.bootstrap_servers; kafka.security = plaintext switches TLS off.");
        }

        if (error.Code == ErrorCode.Local_Ssl || Says(reason, "SSL handshake failed"))
        {
            return Make(KafkaTroubleKind.Protocol, $"The TLS handshake with Kafka at {where} failed: {Detail(reason)}. Check the port, kafka.security and the certificates.");
        }

        // A port that expects TLS, or a login, just hangs up on a client that does not offer it; a broker that went away does so too.
        bool isVague = error.Code == ErrorCode.Local_AllBrokersDown;
        return Make(
            KafkaTroubleKind.Unreachable,
            $"Kafka at {where} cannot be reached{(isVague ? " or hangs up" : $": {Detail(reason)}")}. Check that it runs, kafka.bootstrap_servers, the firewall, and that kafka.security fits the port.") with { IsVague = isVague };
    }

    private static KafkaTrouble Make(KafkaTroubleKind kind, string sentence) => new(kind, sentence);

    private static bool Says(string reason, string words) => reason.Contains(words, StringComparison.OrdinalIgnoreCase);

    private static string AivenPermission(string right) => right switch
    {
        "Write" => "write",
        "Read" => "read",
        "Describe" => "read or write",
        _ => "admin",
    };

    /// <summary>The broker that a message begins with, e.g. <c>ssl://kafka.example:9092/bootstrap: Connect to ...</c>; else all that the client was given.</summary>
    private static string Where(Error error, KafkaOptions options)
    {
        ReadOnlySpan<char> text = error.Reason;
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        ReadOnlySpan<char> address = scheme >= 0 ? text[(scheme + 3)..] : text;
        int end = address.IndexOf('/');
        return end > 0 && address[..end].Contains(':') && !address[..end].Contains(' ') ? PlainText.Of(address[..end].ToString()) : options.BootstrapServers;
    }

    /// <summary>The message without the broker before it and the time after it.</summary>
    private static string Detail(string reason)
    {
        int start = reason.IndexOf(": ", StringComparison.Ordinal);
        int end = reason.LastIndexOf(" (after ", StringComparison.Ordinal);
        return reason[(start < 0 ? 0 : start + 2)..(end < 0 ? reason.Length : end)].TrimEnd('.');
    }
}
