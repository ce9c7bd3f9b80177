using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Hostwire.Metrics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Monitoring;

/// <summary>Knows until when the certificates in use are valid, and warns in time.</summary>
/// <remarks>
/// Files are read when their clients are made: at the start and at a reload. A file that was renewed without a reload is not in use yet, and is warned of all
/// the same. Where a file holds several certificates (a chain, an old CA and a new one) the first to expire counts; a bundle of many public CAs, some of which are
/// always about to expire, is left out.
/// </remarks>
internal sealed partial class CertificateWatch(ILogger logger, TimeProvider time)
{
    private const int BundleCertificatesMin = 10;
    private const int WarnDays = 30;

    private static readonly TimeSpan WarnEvery = TimeSpan.FromDays(1);

    private volatile (string Key, string Path, DateTimeOffset NotAfter)[] _inUse = [];

    /// <summary>The metric, as agent or sink calls it.</summary>
    /// <param name="verb"><c>agent</c> or <c>sink</c>.</param>
    public static SelfMetric<CertificateWatch> Metric(string verb) => new(
        new Metric
        {
            Name = $"hostwire.{verb}.certificate.expiry",
            Unit = "d",
            Kind = MetricKind.Gauge,
            IsInteger = false,
            Description = "Days until a certificate in use expires, by the setting that names it; negative once it has.",
            Source = $"hostwire {verb}",
            AttributeKeys = ["certificate"],
        },
        (watch, to) => watch.Read(to));

    /// <summary>Reads the files, whose clients are being made, and warns of those that expire soon.</summary>
    public void Load(IEnumerable<CertificateFile> files)
    {
        var inUse = new List<(string Key, string Path, DateTimeOffset NotAfter)>();
        foreach ((string key, string path) in files)
        {
            if (Expiry(key, path) is { } notAfter)
            {
                inUse.Add((key, path, notAfter));
            }
        }

        _inUse = [.. inUse];
        Warn();
    }

    /// <summary>Warns once a day, until told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(WarnEvery, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stopping.IsCancellationRequested)
            {
                Warn();
            }
        }
    }

    private void Read(ISelfReadings to)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((string key, _, DateTimeOffset notAfter) in _inUse)
        {
            to.Add((notAfter - now).TotalDays, key);
        }
    }

    private void Warn()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((string key, string path, DateTimeOffset notAfter) in _inUse)
        {
            if (notAfter <= now)
            {
                LogExpired(key, path, Date(notAfter));
            }
            else if (notAfter - now < TimeSpan.FromDays(WarnDays))
            {
                LogExpiresSoon(key, path, (int)(notAfter - now).TotalDays, Date(notAfter));
            }
        }
    }

    private static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>When the first of the file's certificates expires; null where that cannot be known.</summary>
    private DateTimeOffset? Expiry(string key, string path)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
            return certificates.Count is > 0 and < BundleCertificatesMin
                ? certificates.Min(certificate => new DateTimeOffset(certificate.NotAfter.ToUniversalTime()))
                : null;
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            // Whoever needs the certificate says so too, with what follows from it.
            LogUnreadable(key, path, error.Message);
            return null;
        }
        finally
        {
            foreach (X509Certificate2 certificate in certificates)
            {
                certificate.Dispose();
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate of {Key} ({Path}) expires in {Days} days, on {NotAfter}: put a new one there and reload (SIGHUP)")]
    private partial void LogExpiresSoon(string key, string path, int days, string notAfter);

    [LoggerMessage(Level = LogLevel.Error, Message = "The certificate of {Key} ({Path}) has expired on {NotAfter}: put a new one there and reload (SIGHUP)")]
    private partial void LogExpired(string key, string path, string notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "When the certificate of {Key} ({Path}) expires is not known: {Reason}")]
    private partial void LogUnreadable(string key, string path, string reason);
}
