namespace Hostwire.IntegrationTests.Rig;

/// <summary>A further listener of a broker, with TLS and a certificate of its own.</summary>
/// <param name="Name">Of the listener, e.g. SSL_EXPIRED.</param>
/// <param name="Port">Where the broker listens; it tells its clients localhost.</param>
/// <param name="IsSasl">Whether clients log in by SASL; else by a certificate.</param>
/// <param name="KeyStore">The file with key and certificate, in <see cref="KafkaBroker.TlsDirectory"/>.</param>
public sealed record TlsListener(string Name, int Port, bool IsSasl, string KeyStore)
{
    /// <summary>HOST:PORT for clients.</summary>
    public string BootstrapServers => $"localhost:{Port}";
}
