namespace Hostwire.Collectors;

/// <summary>What a collector is made for.</summary>
/// <param name="Paths">Where the host's files lie.</param>
public sealed record CollectorSetup(HostPaths Paths);
