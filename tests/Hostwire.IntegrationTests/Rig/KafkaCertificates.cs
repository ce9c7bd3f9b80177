namespace Hostwire.IntegrationTests.Rig;

/// <summary>The certificates of a broker and its clients, in files named as Aiven names them.</summary>
internal static class KafkaCertificates
{
    /// <summary>Writes what <see cref="KafkaBroker.TlsDirectory"/> lists, and <c>broker.keystore.pem</c>.</summary>
    public static void Write(string directory, string user)
    {
        Directory.CreateDirectory(directory);
        using var ca = new PrivateCa("Private project CA");
        using var stranger = new PrivateCa("Somebody else's CA");
        File.WriteAllText(Path.Combine(directory, "ca.pem"), ca.Pem);
        File.WriteAllText(Path.Combine(directory, "other-ca.pem"), stranger.Pem);
        ca.Sign(user).Write(directory, "service");
        ca.Sign(user).Write(directory, "renewed");
        ca.Sign(user, expired: true).Write(directory, "expired");
        stranger.Sign(user).Write(directory, "other");
        PemPair broker = ca.Sign("localhost");
        File.WriteAllText(Path.Combine(directory, "broker.keystore.pem"), broker.Key + broker.Certificate);
    }
}
