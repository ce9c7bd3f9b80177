using System.Collections.Concurrent;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>What the broker refuses, it refuses for the reason the other tests rely on.</summary>
public sealed class KafkaTlsTests(TlsRig rig) : IClassFixture<TlsRig>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("service", "ca.pem", true)]
    [InlineData("other", "ca.pem", false)]
    [InlineData("expired", "ca.pem", false)]
    [InlineData("service", "other-ca.pem", false)]
    public async Task Mutual_tls_admits_only_a_valid_certificate_of_its_ca(string certificate, string ca, bool admitted)
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);
        string tls = rig.Kafka.TlsDirectory;
        var config = new AdminClientConfig
        {
            BootstrapServers = rig.Kafka.TlsBootstrapServers,
            SecurityProtocol = SecurityProtocol.Ssl,
            SslCaLocation = $"{tls}/{ca}",
            SslCertificateLocation = $"{tls}/{certificate}.cert",
            SslKeyLocation = $"{tls}/{certificate}.key",
        };
        await AssertAdmittedAsync(config, admitted);
    }

    [Theory]
    [InlineData(SaslMechanism.ScramSha256, null, true)]
    [InlineData(SaslMechanism.ScramSha512, null, true)]
    [InlineData(SaslMechanism.Plain, null, true)]
    [InlineData(SaslMechanism.ScramSha256, "wrong", false)]
    public async Task Sasl_admits_only_the_right_password(SaslMechanism mechanism, string? password, bool admitted)
    {
        await rig.Kafka.EnsureStartedAsync(Cancellation);
        var config = new AdminClientConfig
        {
            BootstrapServers = rig.Kafka.SaslBootstrapServers,
            SecurityProtocol = SecurityProtocol.SaslSsl,
            SslCaLocation = $"{rig.Kafka.TlsDirectory}/ca.pem",
            SaslMechanism = mechanism,
            SaslUsername = KafkaBroker.User,
            SaslPassword = password ?? rig.Kafka.Password,
        };
        await AssertAdmittedAsync(config, admitted);
    }

    private static async Task AssertAdmittedAsync(AdminClientConfig config, bool admitted)
    {
        var errors = new ConcurrentQueue<string>();
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using IAdminClient client = new AdminClientBuilder(config)
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, error) =>
            {
                errors.Enqueue($"{error.Code}: {error.Reason}");
                // TLS 1.3: the client has ended its handshake when the broker looks at its certificate, so the refusal comes as a transport error.
                if (error.Code is ErrorCode.Local_Ssl or ErrorCode.Local_Authentication || error.Reason.Contains("SSL alert number", StringComparison.Ordinal))
                {
                    refused.TrySetResult();
                }
            })
            .Build();
        Task answered = client.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = ChildProcess.Deadline });
        Task first = await Task.WhenAny(answered, refused.Task);
        Assert.True(admitted == (first == answered), string.Join('\n', errors));
        if (admitted)
        {
            await answered;
        }
    }
}
