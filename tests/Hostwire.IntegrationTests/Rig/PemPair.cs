namespace Hostwire.IntegrationTests.Rig;

/// <summary>A certificate and its private key, each as the text of a PEM file.</summary>
/// <param name="Certificate">Aiven's <c>service.cert</c>.</param>
/// <param name="Key">Aiven's <c>service.key</c>, PKCS#8.</param>
public sealed record PemPair(string Certificate, string Key)
{
    /// <summary>Writes <c>NAME.cert</c> and <c>NAME.key</c>, the key for its owner only.</summary>
    public void Write(string directory, string name)
    {
        File.WriteAllText(Path.Combine(directory, $"{name}.cert"), Certificate);
        string key = Path.Combine(directory, $"{name}.key");
        File.WriteAllText(key, Key);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
