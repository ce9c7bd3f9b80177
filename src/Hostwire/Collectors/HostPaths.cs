namespace Hostwire.Collectors;

/// <summary>Where the host's files lie; relocated in containers and in tests.</summary>
/// <param name="Procfs">The proc file system, <c>/proc</c>.</param>
/// <param name="Sysfs">The sys file system, <c>/sys</c>.</param>
/// <param name="Rootfs">The root under which mount points are looked up, <c>/</c>.</param>
public sealed record HostPaths(string Procfs = "/proc", string Sysfs = "/sys", string Rootfs = "/");
