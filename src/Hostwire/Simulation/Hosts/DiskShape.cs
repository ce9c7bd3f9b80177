namespace Hostwire.Simulation.Hosts;

/// <summary>A disk of a shape.</summary>
/// <param name="Name">As <c>/proc/diskstats</c> has it.</param>
/// <param name="Partitions">Its partitions; all that the disk does, one of them does.</param>
/// <param name="OperationsPerSecond">Reads and writes a second when the host is busy.</param>
/// <param name="Milliseconds">How long one takes.</param>
internal sealed record DiskShape(string Name, string[] Partitions, double OperationsPerSecond, double Milliseconds);
