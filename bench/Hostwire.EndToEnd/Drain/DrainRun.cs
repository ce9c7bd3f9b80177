namespace Hostwire.EndToEnd.Drain;

/// <summary>What one drain took.</summary>
/// <param name="Seconds">From the first fetch to the last commit.</param>
/// <param name="CpuSeconds">The sink's CPU time meanwhile.</param>
/// <param name="PeakMebibytes">The most memory it ever had resident.</param>
/// <param name="AllocatedPerRecord">Bytes of managed memory that it asked for, a record.</param>
/// <param name="Bytes">Bytes of the frames with their indexes.</param>
internal sealed record DrainRun(double Seconds, double CpuSeconds, double PeakMebibytes, double AllocatedPerRecord, long Bytes);
