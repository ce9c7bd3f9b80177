namespace Hostwire.Simulation.Hosts;

/// <summary>A moment at which a host is to be read.</summary>
/// <param name="Host">The host.</param>
/// <param name="Time">When, in ticks of 100 ns since 1970.</param>
/// <param name="SlowIsDue">Whether its slow sources are due too.</param>
internal readonly record struct FleetTick(SimulatedHost Host, long Time, bool SlowIsDue);
