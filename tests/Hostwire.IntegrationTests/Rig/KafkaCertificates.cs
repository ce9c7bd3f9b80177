namespace Hostwire.IntegrationTests.Rig;

/// <summary>The certificates of a broker and its clients, in files named as Aiven names them.</summary>
internal static class KafkaCertificates
{
    /// <summary>Writes what <see cref="KafkaBroker.TlsDirectory"/> lists, and key stores for brokers: <c>broker</c>, <c>expired</c>, and <c>elsewhere</c>, made out for another host.</summary>
    public static void Write(string directory, string user, string guest)
    {
        Directory.CreateDirectory(directory);
        using var ca = new PrivateCa("Private project CA");
        using var stranger = new PrivateCa("Somebody else's CA");
        File.WriteAllText(Path.Combine(directory, "ca.pem"), ca.Pem);
        File.WriteAllText(Path.Combine(directory, "other-ca.pem"), stranger.Pem);
        ca.Sign(user).Write(directory, "service");
        ca.Sign(guest).Write(directory, "guest");
        ca.Sign(user).Write(directory, "renewed");
        ca.Sign(user, expired: true).Write(directory, "expired");
        stranger.Sign(user).Write(directory, "other");
        WriteKeyStore(directory, "broker", ca.Sign("localhost"));
        WriteKeyStore(directory, "expired", ca.Sign("localhost", expired: true));
        WriteKeyStore(directory, "elsewhere", ca.Sign("kafka.elsewhere.example", host: "kafka.elsewhere.example"));
    }

    private static void WriteKeyStore(string directory, string name, PemPair pair) =>
        File.WriteAllText(Path.Combine(directory, $"{name}.keystore.pem"), pair.Key + pair.Certificate);
}
