namespace Hostwire.Configuration;

/// <summary>What a PEM file has to hold.</summary>
public enum PemKind
{
    /// <summary>One certificate or more.</summary>
    Certificate,

    /// <summary>A private key.</summary>
    PrivateKey,
}
