namespace Hostwire.IntegrationTests.Rig;

/// <summary>A listener of a broker whose clients come through a proxy: it tells them the proxy's address, so that none finds a way round it.</summary>
/// <param name="Name">Of the listener, e.g. SINK0.</param>
/// <param name="Port">Where the broker listens, without TLS.</param>
/// <param name="AdvertisedPort">Where the proxy listens.</param>
public sealed record ProxiedListener(string Name, int Port, int AdvertisedPort);
