namespace Hostwire.IntegrationTests.Rig;

/// <summary>The ports of one broker.</summary>
/// <param name="Plain">Without TLS.</param>
/// <param name="Tls">Mutual TLS.</param>
/// <param name="Sasl">SASL over TLS.</param>
/// <param name="Controller">The KRaft controller's.</param>
internal sealed record KafkaPorts(int Plain, int Tls, int Sasl, int Controller);
