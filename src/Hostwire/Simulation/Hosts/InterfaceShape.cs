namespace Hostwire.Simulation.Hosts;

/// <summary>A network interface of a shape.</summary>
/// <param name="Name">As <c>/proc/net/dev</c> has it.</param>
/// <param name="BytesPerSecond">Bytes received a second when the host is busy; about as many are sent.</param>
internal sealed record InterfaceShape(string Name, double BytesPerSecond);
