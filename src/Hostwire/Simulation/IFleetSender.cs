namespace Hostwire.Simulation;

/// <summary>One producer, for as long as it lives.</summary>
internal interface IFleetSender : IDisposable
{
    /// <summary>Hands a record over to be sent under its host's name. What became of it is said once, as a <see cref="FleetEvent"/>. Never throws.</summary>
    void Send(SimulatedRecord record);
}
