using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Kafka;

namespace Hostwire.Tests.Kafka;

/// <summary>The texts are librdkafka 2.16's own, taken from a broker that was set up to provoke them.</summary>
public sealed class KafkaTroubleTests
{
    private static readonly KafkaOptions Options = new() { BootstrapServers = "first:9092,second:9092", Username = "avnadmin", Password = "hunter2" };

    [Theory]
    [InlineData(
        ErrorCode.Local_Ssl,
        "ssl://kafka.example:21093/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not be verified, verify that ssl.ca.location is correctly configured or root CA certificates are installed (install ca-certificates package) (after 211ms in state SSL_HANDSHAKE)",
        KafkaTroubleKind.Certificate,
        "kafka.ca_file")]
    [InlineData(
        ErrorCode.Local_Transport,
        "ssl://kafka.example:21093/bootstrap: Receive failed: error:0A000412:SSL routines::ssl/tls alert bad certificate: SSL alert number 42 (after 0ms in state APIVERSION_QUERY)",
        KafkaTroubleKind.ClientCertificate,
        "kafka.certificate_file")]
    [InlineData(
        ErrorCode.Local_Transport,
        "ssl://kafka.example:21093/1: Receive failed: error:0A000416:SSL routines::ssl/tls alert certificate unknown: SSL alert number 46 (after 3ms in state APIVERSION_QUERY)",
        KafkaTroubleKind.ClientCertificate,
        "kafka.key_file")]
    [InlineData(
        ErrorCode.Local_Transport,
        "ssl://kafka.example:21092/bootstrap: SSL handshake failed: Disconnected: SSL connection closed by peer: connecting to a PLAINTEXT broker listener? (after 10ms in state SSL_HANDSHAKE)",
        KafkaTroubleKind.Protocol,
        "kafka.security")]
    [InlineData(
        ErrorCode.Local_Authentication,
        "sasl_ssl://kafka.example:21094/bootstrap: SASL authentication error: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256 (after 340ms in state AUTH_REQ)",
        KafkaTroubleKind.Login,
        "kafka.password")]
    [InlineData(
        ErrorCode.Local_Resolve,
        "kafka.example:21099/bootstrap: Failed to resolve 'kafka.example:21099': Name or service not known (after 0ms in state CONNECT)",
        KafkaTroubleKind.UnknownHost,
        "DNS")]
    [InlineData(
        ErrorCode.Local_Transport,
        "kafka.example:21099/bootstrap: Connect to ipv4#127.0.0.1:21099 failed: Connection refused (after 0ms in state CONNECT)",
        KafkaTroubleKind.Unreachable,
        "Connect to ipv4#127.0.0.1:21099 failed: Connection refused. Check")]
    public void Fault_of_a_connection_names_the_broker_and_the_fix(ErrorCode code, string reason, KafkaTroubleKind kind, string fix)
    {
        KafkaTrouble trouble = KafkaTrouble.From(new Error(code, reason), Options, "Write");
        Assert.Equal(kind, trouble.Kind);
        Assert.Contains(fix, trouble.Sentence, StringComparison.Ordinal);
        Assert.Contains(" kafka.example:2109", trouble.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("://", trouble.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", trouble.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Error_that_names_no_broker_names_all_that_are_set() =>
        Assert.Contains("first:9092,second:9092", KafkaTrouble.From(new Error(ErrorCode.Local_AllBrokersDown, "2/2 brokers are down"), Options, "Write").Sentence, StringComparison.Ordinal);

    [Fact]
    public void Certificate_says_which_file_was_used()
    {
        var error = new Error(ErrorCode.Local_Ssl, "ssl://a:1/bootstrap: SSL handshake failed: certificate verify failed");
        Assert.Contains("(is /etc/ca.pem)", KafkaTrouble.From(error, Options with { CaFile = "/etc/ca.pem" }, "Write").Sentence, StringComparison.Ordinal);
        Assert.Contains("(is not set, so the system's CAs are used)", KafkaTrouble.From(error, Options, "Write").Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ErrorCode.UnknownTopicOrPart, KafkaTroubleKind.TopicMissing, "hostwire topic create")]
    [InlineData(ErrorCode.Local_UnknownTopic, KafkaTroubleKind.TopicMissing, "hostwire topic create")]
    [InlineData(ErrorCode.TopicAuthorizationFailed, KafkaTroubleKind.TopicForbidden, "grant it Write there (Aiven: an ACL with permission write")]
    [InlineData(ErrorCode.ClusterAuthorizationFailed, KafkaTroubleKind.ClusterForbidden, "IdempotentWrite")]
    [InlineData(ErrorCode.Local_BadCompression, KafkaTroubleKind.Batch, "pass over it with `hostwire sink offsets set`")]
    [InlineData(ErrorCode.GroupAuthorizationFailed, KafkaTroubleKind.GroupForbidden, "grant it Read on the group that sink.group names")]
    public void Refusal_names_the_command_or_the_right(ErrorCode code, KafkaTroubleKind kind, string fix)
    {
        KafkaTrouble trouble = KafkaTrouble.From(new Error(code), Options, "Write");
        Assert.Equal(kind, trouble.Kind);
        Assert.True(trouble.NeedsPerson);
        Assert.Contains(fix, trouble.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_troubles_the_one_that_says_more_is_told()
    {
        KafkaTrouble untrusted = KafkaTrouble.From(new Error(ErrorCode.Local_Ssl, "ssl://a:1/bootstrap: certificate verify failed"), Options, "Write");
        KafkaTrouble refused = KafkaTrouble.From(new Error(ErrorCode.Local_Transport, "a:1/1: Connect failed: Connection refused"), Options, "Write");
        KafkaTrouble down = KafkaTrouble.From(new Error(ErrorCode.Local_AllBrokersDown, "1/1 brokers are down"), Options, "Write");
        Assert.Same(down, KafkaTrouble.Telling(null, down));
        Assert.Same(refused, KafkaTrouble.Telling(down, refused));
        Assert.Same(refused, KafkaTrouble.Telling(refused, down));
        Assert.Same(untrusted, KafkaTrouble.Telling(refused, untrusted));
        Assert.Same(untrusted, KafkaTrouble.Telling(untrusted, refused));
    }

    [Theory]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.Local_AllBrokersDown)]
    [InlineData(ErrorCode.Local_TimedOut)]
    public void What_may_pass_by_itself_needs_nobody(ErrorCode code) => Assert.False(KafkaTrouble.From(new Error(code), Options, "Write").NeedsPerson);
}
