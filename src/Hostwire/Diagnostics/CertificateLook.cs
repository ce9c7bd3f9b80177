using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Hostwire.Diagnostics;

/// <summary>
/// Finds out what is wrong with the certificate of a server that a client did not trust, since neither librdkafka nor Npgsql says. A handshake of its own,
/// that is never completed for use: no secret and no certificate of ours is sent, and whatever is found, the client's own verification stands.
/// </summary>
internal static class CertificateLook
{
    private static readonly TimeSpan LookMax = TimeSpan.FromSeconds(3);

    /// <summary>The fault in words; null where none was found, or where the server could not be looked at.</summary>
    /// <param name="port">The server's; its host is in <paramref name="fault"/>.</param>
    /// <param name="begin">What comes before the handshake: false where the server wants none.</param>
    /// <param name="fault">Has the words.</param>
    /// <param name="cancellationToken">Ends the look without a word.</param>
    public static async Task<string?> AtAsync(int port, Func<Stream, CancellationToken, Task<bool>>? begin, CertificateFault fault, CancellationToken cancellationToken)
    {
        string? found = null;
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            ended.CancelAfter(LookMax);
            using var client = new TcpClient();
            await client.ConnectAsync(fault.Host, port, ended.Token);
            Stream stream = client.GetStream();
            if (begin is not null && !await begin(stream, ended.Token))
            {
                return null;
            }

            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = fault.Host,
                    AllowTlsResume = false,
                    CertificateChainPolicy = Policy(fault.CaFile),
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    {
                        found = certificate is X509Certificate2 servers && chain is not null ? fault.Of(servers, chain, errors) : null;
                        return false;
                    },
                },
                ended.Token);
        }
        catch (Exception)
        {
            // Ends so at its best, with a certificate that was seen and refused. At its worst, whatever a stranger's server and certificate provoke, the user learns what the client said.
        }

        return found;
    }

    private static X509ChainPolicy Policy(string caFile)
    {
        // What the certificate says about where its issuer is to be had is not followed: it is a stranger's.
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (caFile.Length > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.ImportFromPemFile(caFile);
        }

        return policy;
    }
}
