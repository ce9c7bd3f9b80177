using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Hostwire.Diagnostics;

/// <summary>Why a server's certificate is not trusted, and the fix, in words that go on after "is not trusted: ".</summary>
/// <param name="Host">The name or address that the server was looked for under.</param>
/// <param name="Address">Where that is set.</param>
/// <param name="CaKey">The setting that names the CA.</param>
/// <param name="CaFile">The CA's file, expanded; empty for the system's CAs.</param>
internal sealed record CertificateFault(string Host, string Address, string CaKey, string CaFile)
{
    private const X509ChainStatusFlags UnknownCa = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid;

    // Certificates are made out for a handful of names at most, unless somebody wants to fill a log.
    private const int NamesMax = 3;
    private const int NameLengthMax = 100;

    /// <summary>Everything that is wrong with it; null where nothing is.</summary>
    /// <param name="certificate">The server's.</param>
    /// <param name="chain">What it was verified with.</param>
    /// <param name="errors">What verification found.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The certificate cannot be taken apart.</exception>
    public string? Of(X509Certificate2 certificate, X509Chain chain, SslPolicyErrors errors)
    {
        var faults = new List<string>();
        foreach (X509ChainElement element in chain.ChainElements.Where(element => Says(element, X509ChainStatusFlags.NotTimeValid)))
        {
            faults.Add(Time(element.Certificate, isServers: ReferenceEquals(element, chain.ChainElements[0])));
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            faults.Add($"it is made out for {Names(certificate)}, not for {Host}: name the server so in {Address}");
        }

        X509ChainStatusFlags statuses = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, next) => all | next.Status);
        if ((statuses & UnknownCa) != X509ChainStatusFlags.NoError)
        {
            string signer = Plain((chain.ChainElements.LastOrDefault()?.Certificate ?? certificate).Issuer);
            faults.Add(CaFile.Length > 0
                ? $"it was signed by {signer}, which is not in {CaKey} ({CaFile}): put the CA that signed it there (Aiven: the project's ca.pem)"
                : $"it was signed by {signer}, which is none of the system's CAs: name the file of the CA that signed it in {CaKey} (Aiven: the project's ca.pem)");
        }

        X509ChainStatusFlags others = statuses & ~(UnknownCa | X509ChainStatusFlags.NotTimeValid);
        if (others != X509ChainStatusFlags.NoError)
        {
            faults.Add($"its chain has a fault ({others})");
        }

        return faults.Count > 0 ? string.Join("; ", faults) : null;
    }

    private static bool Says(X509ChainElement element, X509ChainStatusFlags flag) => element.ChainElementStatus.Any(status => status.Status.HasFlag(flag));

    private static string Time(X509Certificate2 certificate, bool isServers)
    {
        // Verification took the machine's clock, so that it tells at which end this was. Times of .NET's certificates are local ones.
        string what = isServers ? "it" : $"its CA {Plain(certificate.Subject)}";
        return certificate.NotAfter < TimeProvider.System.GetLocalNow().DateTime
            ? $"{what} expired on {Date(certificate.NotAfter)}: give the server a new one"
            : $"{what} is not valid before {Date(certificate.NotBefore)}: check the clocks";
    }

    private static string Date(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd '(UTC)'", CultureInfo.InvariantCulture);

    private static string Names(X509Certificate2 certificate)
    {
        string[] names = [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))];
        return names.Length == 0
            ? Plain(certificate.Subject)
            : string.Join(", ", names.Take(NamesMax).Select(Plain)) + (names.Length > NamesMax ? ", ..." : "");
    }

    /// <summary>A name that a stranger chose.</summary>
    private static string Plain(string name) => PlainText.Of(name.Length > NameLengthMax ? $"{name.AsSpan(0, NameLengthMax)}..." : name);
}
