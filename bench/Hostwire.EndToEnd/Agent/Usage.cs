namespace Hostwire.EndToEnd.Agent;

/// <summary>What a process took for its scrapes.</summary>
/// <param name="CpuMilliseconds">CPU time a scrape.</param>
/// <param name="ResidentMebibytes">Resident memory at the end.</param>
/// <param name="PeakMebibytes">The most that ever was resident.</param>
/// <param name="Values">Values a scrape.</param>
/// <param name="Bytes">Bytes on the wire a scrape, as far as it is content of the connection.</param>
internal sealed record Usage(double CpuMilliseconds, double ResidentMebibytes, double PeakMebibytes, double Values, double Bytes);
