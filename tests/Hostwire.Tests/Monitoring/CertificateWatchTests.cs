using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Hostwire.Configuration;
using Hostwire.Monitoring;
using Hostwire.Tests.Configuration;
using Microsoft.Extensions.Logging;

namespace Hostwire.Tests.Monitoring;

public sealed class CertificateWatchTests : IDisposable
{
    private readonly FakeClock _time = new();
    private readonly FakeLogger _log = new();
    private readonly TemporaryFolder _folder = new();
    private readonly CertificateWatch _watch;

    public CertificateWatchTests() => _watch = new CertificateWatch(_log, _time);

    private DateTimeOffset Now => _time.GetUtcNow();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Days_until_each_expires_are_the_metric()
    {
        _watch.Load([new("kafka.ca_file", Write(_folder, "ca.pem", Now.AddDays(100))), new("kafka.certificate_file", Write(_folder, "service.cert", Now.AddDays(40)))]);
        Assert.Equal([("kafka.ca_file", 100), ("kafka.certificate_file", 40)], Read());
        _time.Advance(TimeSpan.FromDays(50));
        Assert.Equal([("kafka.ca_file", 50), ("kafka.certificate_file", -10)], Read());
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData(31, null, "")]
    [InlineData(29, LogLevel.Warning, "expires in 29 days, on 2026-12-22")]
    [InlineData(-1, LogLevel.Error, "has expired on 2026-11-22")]
    public void Certificate_that_expires_soon_is_warned_of_at_the_start(int days, LogLevel? level, string words)
    {
        _watch.Load([new("kafka.certificate_file", Write(_folder, "service.cert", Now.AddDays(days)))]);
        if (level is null)
        {
            Assert.Empty(_log.Lines);
            return;
        }

        (LogLevel said, string message) = Assert.Single(_log.Lines);
        Assert.Equal(level, said);
        Assert.StartsWith($"The certificate of kafka.certificate_file ({_folder.Path}/service.cert) {words}", message, StringComparison.Ordinal);
        Assert.EndsWith("put a new one there and reload (SIGHUP)", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warning_comes_once_a_day_from_thirty_days_on_and_no_more_after_a_reload()
    {
        using var stopping = new CancellationTokenSource();
        string file = Write(_folder, "service.cert", Now.AddDays(32));
        _watch.Load([new("kafka.certificate_file", file)]);
        Task watching = _watch.RunAsync(stopping.Token);
        for (int day = 1; day <= 4; day++)
        {
            _time.Advance(await _time.NextTimerAsync());
        }

        TimeSpan wait = await _time.NextTimerAsync();
        Assert.Equal(2, _log.Lines.Count);
        Write(_folder, "service.cert", Now.AddDays(365));
        _watch.Load([new("kafka.certificate_file", file)]);
        _time.Advance(wait);
        await _time.NextTimerAsync();
        Assert.Equal(2, _log.Lines.Count);
        await stopping.CancelAsync();
        await watching;
    }

    [Fact]
    public void First_to_expire_of_a_file_counts_and_a_bundle_of_public_cas_does_not()
    {
        _watch.Load([new("kafka.ca_file", Write(_folder, "chain.pem", Now.AddDays(300), Now.AddDays(200), Now.AddDays(250)))]);
        Assert.Equal([("kafka.ca_file", 200)], Read());
        _watch.Load([new("kafka.ca_file", Write(_folder, "bundle.pem", [.. Enumerable.Range(1, 10).Select(days => Now.AddDays(days))]))]);
        Assert.Empty(Read());
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void File_that_cannot_be_read_is_a_warning_and_the_others_are_watched()
    {
        _watch.Load([new("kafka.ca_file", $"{_folder.Path}/absent.pem"), new("kafka.certificate_file", Write(_folder, "service.cert", Now.AddDays(40)))]);
        Assert.Equal([("kafka.certificate_file", 40)], Read());
        Assert.StartsWith("When the certificate of kafka.ca_file (", Assert.Single(_log.Lines).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_in_use_are_those_that_the_settings_amount_to()
    {
        var kafka = new KafkaOptions { CaFile = "/ca", CertificateFile = "/cert" };
        Assert.Equal([new("kafka.ca_file", "/ca"), new("kafka.certificate_file", "/cert")], CertificateFiles.Of(kafka));
        Assert.Empty(CertificateFiles.Of(kafka with { Security = "plaintext" }));
        Assert.Equal([new("kafka.ca_file", "/other")], CertificateFiles.Of(new KafkaOptions { Properties = new Dictionary<string, string>(StringComparer.Ordinal) { ["ssl.ca.location"] = "/other" } }));
        const string Uri = "postgres://u:p@db.example:1/d";
        Assert.Equal([new("postgres.ca_file", "/ca")], CertificateFiles.Of(new PostgresOptions { Uri = $"{Uri}?sslrootcert=/uri", CaFile = "/ca" }));
        Assert.Equal([new("postgres.ca_file", "/uri"), new("postgres.sslcert", "/own")], CertificateFiles.Of(new PostgresOptions { Uri = $"{Uri}?sslrootcert=/uri&sslcert=/own&sslkey=/k" }));
        Assert.Empty(CertificateFiles.Of(new PostgresOptions { Uri = $"{Uri}?sslmode=disable", CaFile = "/ca" }));
        Assert.Empty(CertificateFiles.Of(new PostgresOptions { Uri = $"{Uri}?sslrootcert=system" }));
    }

    /// <summary>Writes a file with a certificate for each time of expiry; returns its path.</summary>
    internal static string Write(TemporaryFolder folder, string name, params DateTimeOffset[] notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return folder.Write(name, string.Join('\n', notAfter.Select(end =>
        {
            using X509Certificate2 certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(end.AddDays(-1000), end);
            return certificate.ExportCertificatePem();
        })));
    }

    private (string Certificate, int Days)[] Read()
    {
        var values = new Values();
        CertificateWatch.Metric("agent").Read(_watch, values);
        return [.. values.Taken];
    }

    private sealed class Values : ISelfReadings
    {
        public List<(string Certificate, int Days)> Taken { get; } = [];

        public void Add(double value, string? first = null, string? second = null) => Taken.Add((first!, (int)Math.Round(value)));
    }
}
