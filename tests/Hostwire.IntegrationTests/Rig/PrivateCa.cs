using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>A certificate authority as Aiven gives every project: known to nobody unless its <c>ca.pem</c> is named.</summary>
public sealed class PrivateCa : IDisposable
{
    private readonly X509Certificate2 _certificate;

    /// <summary>Makes one; <paramref name="name"/> is its common name.</summary>
    public PrivateCa(string name)
    {
        using var key = RSA.Create(2048);
        CertificateRequest request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        _certificate = request.CreateSelfSigned(now.AddDays(-30), now.AddYears(10));
    }

    /// <summary>The CA's certificate: the content of <c>ca.pem</c>.</summary>
    public string Pem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>Signs a certificate for localhost and 127.0.0.1, or for another host alone, good for a server and for a client; an expired one ended yesterday.</summary>
    public PemPair Sign(string commonName, bool expired = false, string? host = null)
    {
        using var key = RSA.Create(2048);
        CertificateRequest request = Request(commonName, key);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host ?? "localhost");
        if (host is null)
        {
            names.AddIpAddress(IPAddress.Loopback);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.Create(
            _certificate, now.AddDays(-20), expired ? now.AddDays(-1) : now.AddYears(2), RandomNumberGenerator.GetBytes(16));
        return new PemPair(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    private static CertificateRequest Request(string name, RSA key) => new($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
}
