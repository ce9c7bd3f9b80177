namespace Hostwire.Simulation.Hosts;

/// <summary>A mounted file system of a shape.</summary>
/// <param name="Device">What is mounted.</param>
/// <param name="MountPoint">Where.</param>
/// <param name="Type">Kind of file system.</param>
/// <param name="Blocks">Its size in blocks of 4096 bytes.</param>
/// <param name="ReservedShare">What only root may use, as a share of the size.</param>
/// <param name="Inodes">How many files it can hold; 0: as many as it has room for.</param>
/// <param name="UsedShare">About how full it is, 0 to 1.</param>
internal sealed record MountShape(string Device, string MountPoint, string Type, long Blocks, double ReservedShare, long Inodes, double UsedShare);
