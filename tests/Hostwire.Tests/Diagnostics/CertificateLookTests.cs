using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;

namespace Hostwire.Tests.Diagnostics;

/// <summary>Against servers of this process, each with another fault in its certificate.</summary>
public sealed class CertificateLookTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly string _caFile = Path.GetTempFileName();
    private readonly X509Certificate2 _ca = MakeCa("Project CA");

    public CertificateLookTests() => File.WriteAllText(_caFile, _ca.ExportCertificatePem());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Good_certificate_has_no_fault() => Assert.Null(await LookAsync(Sign(_ca)));

    [Fact]
    public async Task Time_is_named_whichever_end_of_it_is_wrong()
    {
        Assert.Equal($"it expired on {Date(-1)} (UTC): give the server a new one", await LookAsync(Sign(_ca, to: -1)));
        Assert.Equal($"it is not valid before {Date(3)} (UTC): check the clocks", await LookAsync(Sign(_ca, from: 3)));
    }

    [Fact]
    public async Task Expired_CA_is_named_besides_an_expired_certificate()
    {
        using X509Certificate2 ca = MakeCa("Old CA", to: -1);
        await File.WriteAllTextAsync(_caFile, ca.ExportCertificatePem(), Cancellation);
        Assert.Equal(
            $"it expired on {Date(-2)} (UTC): give the server a new one; its CA CN=Old CA expired on {Date(-1)} (UTC): give the server a new one", await LookAsync(Sign(ca, to: -2)));
    }

    [Fact]
    public async Task Names_it_is_made_out_for_are_shown_and_the_one_that_was_looked_for()
    {
        Assert.Equal("it is made out for kafka-1.example.com, 10.1.2.3, not for localhost: name the server so in kafka.bootstrap_servers", await LookAsync(Sign(_ca, names: ["kafka-1.example.com", "10.1.2.3"])));
        Assert.StartsWith("it is made out for a.example, b.example, c.example, ..., not for localhost", await LookAsync(Sign(_ca, names: ["a.example", "b.example", "c.example", "d.example"])), StringComparison.Ordinal);
        Assert.StartsWith("it is made out for CN=server, not for localhost", await LookAsync(Sign(_ca, names: [])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Somebody's CA")]
    [InlineData("Project CA")]
    public async Task CA_that_signed_it_is_named_also_where_ours_has_the_same_name(string name)
    {
        using X509Certificate2 stranger = MakeCa(name);
        Assert.Equal($"it was signed by CN={name}, which is not in kafka.ca_file ({_caFile}): put the CA that signed it there (Aiven: the project's ca.pem)", await LookAsync(Sign(stranger)));
        Assert.Equal($"it was signed by CN={name}, which is none of the system's CAs: name the file of the CA that signed it in kafka.ca_file (Aiven: the project's ca.pem)", await LookAsync(Sign(stranger), caFile: ""));
    }

    [Fact]
    public async Task All_faults_are_listed()
    {
        using X509Certificate2 stranger = MakeCa("Somebody's CA");
        string found = await LookAsync(Sign(stranger, to: -1, names: ["elsewhere.example"])) ?? "";
        Assert.Collection(
            found.Split("; "),
            fault => Assert.StartsWith("it expired on ", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("it is made out for elsewhere.example", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("it was signed by CN=Somebody's CA", fault, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_stranger_wrote_is_made_harmless_and_cut()
    {
        using X509Certificate2 stranger = MakeCa("\u001b[2J\n" + new string('x', 50_000));
        string found = await LookAsync(Sign(stranger)) ?? "";
        Assert.Contains("\\u001b[2J\\nxxx", found, StringComparison.Ordinal);
        Assert.DoesNotContain(found, char.IsControl);
        Assert.InRange(found.Length, 100, 500);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Server_that_asks_for_a_certificate_is_shown_none_and_its_own_is_judged_all_the_same(SslProtocols protocol)
    {
        X509Certificate? shown = null;
        string? found = await LookAsync(Sign(_ca, to: -1), protocol: protocol, judge: certificate => shown = certificate);
        Assert.StartsWith("it expired on", found, StringComparison.Ordinal);
        Assert.Null(shown);
    }

    [Fact]
    public async Task Server_that_cannot_be_looked_at_leaves_the_sentence_as_it_was()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        foreach (int port in (int[])[1, ((IPEndPoint)mute.LocalEndpoint).Port])
        {
            Assert.Null(await CertificateLook.AtAsync(port, begin: null, Fault(_caFile), Cancellation).WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
        }
    }

    [Fact]
    public async Task Error_of_Kafka_says_what_was_seen_unless_properties_of_the_client_decide_whom_to_trust()
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal) { ["ssl.ca.location"] = _caFile };
        var options = new KafkaOptions { CaFile = _caFile };
        Assert.Equal(
            $"The certificate of Kafka at localhost:PORT is not trusted: it expired on {Date(-1)} (UTC): give the server a new one.", await ExplainAsync(options));
        Assert.Contains("is not trusted: kafka.ca_file (is ", await ExplainAsync(options with { Properties = properties }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kafka.bootstrap_servers", "localhost:PORT")]
    [InlineData("the brokers' advertised.listeners", "kafka.elsewhere.example:9092")]
    public async Task Name_is_put_right_where_it_came_from(string address, string bootstrapServers) =>
        Assert.EndsWith($"name the server so in {address}.", await ExplainAsync(new KafkaOptions { CaFile = _caFile, BootstrapServers = bootstrapServers }, "kafka.elsewhere.example"), StringComparison.Ordinal);

    /// <inheritdoc/>
    public void Dispose()
    {
        _ca.Dispose();
        File.Delete(_caFile);
    }

    private async Task<string> ExplainAsync(KafkaOptions options, string? name = null)
    {
        string sentence = "";
        await ServeAsync(name is null ? Sign(_ca, to: -1) : Sign(_ca, names: [name]), SslProtocols.None, judge: null, async port =>
        {
            var error = new Confluent.Kafka.Error(Confluent.Kafka.ErrorCode.Local_Ssl, $"sasl_ssl://localhost:{port}/bootstrap: SSL handshake failed: certificate verify failed");
            options = options with { BootstrapServers = options.BootstrapServers.Replace("PORT", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) };
            KafkaTrouble trouble = KafkaTrouble.From(error, options, "Write");
            Assert.True(trouble.IsWorthALook);
            sentence = (await trouble.LookCloserAsync(options)).Sentence.Replace($":{port} ", ":PORT ", StringComparison.Ordinal);
        });
        return sentence;
    }

    private async Task<string?> LookAsync(X509Certificate2 certificate, string? caFile = null, SslProtocols protocol = SslProtocols.None, Action<X509Certificate?>? judge = null)
    {
        string? found = null;
        await ServeAsync(certificate, protocol, judge, async port => found = await CertificateLook.AtAsync(port, begin: null, Fault(caFile ?? _caFile), Cancellation));
        return found;
    }

    private static CertificateFault Fault(string caFile) => new("localhost", "kafka.bootstrap_servers", "kafka.ca_file", caFile);

    private static async Task ServeAsync(X509Certificate2 certificate, SslProtocols protocol, Action<X509Certificate?>? judge, Func<int, Task> lookAsync)
    {
        using (certificate)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            Task serving = AnswerAsync();
            await lookAsync(((IPEndPoint)listener.LocalEndpoint).Port);
            listener.Stop();
            await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            async Task AnswerAsync()
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(Cancellation);
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions
                    {
                        ServerCertificate = certificate,
                        EnabledSslProtocols = protocol,
                        ClientCertificateRequired = judge is not null,
                        RemoteCertificateValidationCallback = (_, shown, _, _) =>
                        {
                            judge?.Invoke(shown);
                            return judge is null;
                        },
                    },
                    Cancellation);
            }
        }
    }

    private static X509Certificate2 MakeCa(string name, double to = 1000)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(Now.AddDays(-30), Now.AddDays(to));
    }

    /// <summary>A server's certificate, valid for days from now.</summary>
    private static X509Certificate2 Sign(X509Certificate2 ca, double from = -20, double to = 500, string[]? names = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in names ?? ["localhost"])
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        if (names is not [])
        {
            request.CertificateExtensions.Add(alternatives.Build());
        }

        using X509Certificate2 certificate = request.Create(ca, Now.AddDays(from), Now.AddDays(to), RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    private static string Date(double days) => Now.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
