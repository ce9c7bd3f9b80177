using System.Collections.Concurrent;
using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Hostwire.Configuration;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Kafka;

namespace Hostwire.IntegrationTests.Kafka;

/// <summary>The connection that section <c>[kafka]</c> makes, against a real broker set up as Aiven sets it up.</summary>
public sealed class KafkaClientConfigTests(TlsRig rig) : IClassFixture<TlsRig>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_three_files_of_Aiven_let_it_in()
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);

        Assert.Null(await RefusalAsync(MutualTls("ca.pem")));
    }

    [Fact]
    public async Task Another_CA_is_refused()
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);

        Assert.Contains("certificate verify failed", await RefusalAsync(MutualTls("other-ca.pem")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_the_system_does_not_know_is_refused()
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);

        Assert.Contains("certificate verify failed", await RefusalAsync(MutualTls("ca.pem") with { CaFile = "" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_right_CA_for_the_wrong_host_is_refused_unless_tls_verify_is_false()
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);
        await using var forwarder = new FaultProxy(int.Parse(rig.Kafka.TlsBootstrapServers.Split(':')[1], CultureInfo.InvariantCulture), host: "127.0.0.2");
        KafkaOptions elsewhere = MutualTls("ca.pem") with { BootstrapServers = $"{forwarder.Host}:{forwarder.Port}" };

        Assert.Contains("certificate verify failed", await RefusalAsync(elsewhere), StringComparison.Ordinal);
        Assert.Null(await RefusalAsync(elsewhere with { TlsVerify = false }));
    }

    [Theory]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    [InlineData("PLAIN")]
    public async Task A_user_name_and_its_password_let_it_in(string mechanism)
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);

        Assert.Null(await RefusalAsync(Sasl() with { SaslMechanism = mechanism }));
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_not_repeated()
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);

        string? refusal = await RefusalAsync(Sasl() with { Password = "c4n4ry" });

        Assert.Contains("Authentication failed", refusal, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("c4n4ry", refusal, StringComparison.Ordinal);
    }

    private KafkaOptions MutualTls(string ca) => new()
    {
        BootstrapServers = rig.Kafka.TlsBootstrapServers,
        CaFile = $"{rig.Kafka.TlsDirectory}/{ca}",
        CertificateFile = $"{rig.Kafka.TlsDirectory}/service.cert",
        KeyFile = $"{rig.Kafka.TlsDirectory}/service.key",
    };

    private KafkaOptions Sasl() => new()
    {
        BootstrapServers = rig.Kafka.SaslBootstrapServers,
        CaFile = $"{rig.Kafka.TlsDirectory}/ca.pem",
        Username = KafkaBroker.User,
        Password = rig.Kafka.Password,
    };

    /// <summary>Null where the broker answers, else why it or the client refuses.</summary>
    private static async Task<string?> RefusalAsync(KafkaOptions options)
    {
        var errors = new ConcurrentQueue<string>();
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using IAdminClient client = new AdminClientBuilder(KafkaClientConfig.Admin(options))
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, error) =>
            {
                errors.Enqueue($"{error.Code}: {error.Reason}");
                if (error.Code is ErrorCode.Local_Ssl or ErrorCode.Local_Authentication)
                {
                    refused.TrySetResult();
                }
            })
            .Build();
        Task<DescribeClusterResult> answered = client.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = ChildProcess.Deadline });
        if (await Task.WhenAny(answered, refused.Task) == answered)
        {
            await answered;
            return null;
        }

        return string.Join('\n', errors);
    }
}
