using System.Globalization;

namespace Hostwire.EndToEnd.Scale;

/// <summary>A drain, in seconds.</summary>
/// <param name="Seconds">From the first claim to the last commit.</param>
/// <param name="SinkCpu">CPU of all sinks meanwhile.</param>
/// <param name="ServerCpu">CPU of PostgreSQL's processes meanwhile.</param>
internal sealed record ScaleRun(double Seconds, double SinkCpu, double ServerCpu)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Seconds:0.00} s; CPU of the sinks {SinkCpu:0.0} s, of PostgreSQL {ServerCpu:0.0} s");
}
