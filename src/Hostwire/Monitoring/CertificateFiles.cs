using Hostwire.Configuration;
using Hostwire.Kafka;
using Hostwire.Store;

namespace Hostwire.Monitoring;

/// <summary>Which files with certificates are in use, by the settings.</summary>
internal static class CertificateFiles
{
    /// <summary>Those that Kafka is reached with; none without TLS, or where the system's CAs are trusted.</summary>
    public static IEnumerable<CertificateFile> Of(KafkaOptions options)
    {
        if (KafkaSettings.Security(options) is "plaintext")
        {
            return [];
        }

        // A property of librdkafka wins over the setting that stands for it.
        string File(string setting, string property) => FilePath.Expand(options.Properties.GetValueOrDefault(property, setting));
        return Named(("kafka.ca_file", File(options.CaFile, "ssl.ca.location")), ("kafka.certificate_file", File(options.CertificateFile, "ssl.certificate.location")));
    }

    /// <summary>Those that PostgreSQL is reached with.</summary>
    public static IEnumerable<CertificateFile> Of(PostgresOptions options)
    {
        if (PostgresUriParser.Parse(options.Uri, out _) is not { IsUnixSocket: false } uri || uri.Parameter("sslmode") is "disable")
        {
            return [];
        }

        return Named(("postgres.ca_file", PostgresDataSource.RootCertificate(options, uri)), ("postgres.sslcert", FilePath.Expand(uri.Parameter("sslcert"))));
    }

    private static IEnumerable<CertificateFile> Named(params (string Key, string Path)[] files) =>
        files.Where(file => file.Path.Length > 0).Select(file => new CertificateFile(file.Key, file.Path));
}
