namespace Hostwire.Simulation.Hosts;

/// <summary>What the sources of a host are told at a reading.</summary>
/// <param name="Seconds">How long the reading before is ago; of the first one after a start, how long the host has been up.</param>
/// <param name="Uptime">How long the host has been up, in seconds.</param>
/// <param name="Activity">How much it had to do meanwhile, 0 to 1.</param>
/// <param name="HasReadingBefore">Whether there was a reading since the host started, so that rates can be told.</param>
/// <param name="Random">The host's own.</param>
internal readonly record struct HostMoment(double Seconds, double Uptime, double Activity, bool HasReadingBefore, SeededRandom Random);
