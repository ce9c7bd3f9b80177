using Hostwire.Configuration;
using Hostwire.Diagnostics;

namespace Hostwire.Up;

/// <summary>Agent and sink, as <c>up</c> sees them.</summary>
/// <param name="RunAgentAsync">Samples and sends until told to stop.</param>
/// <param name="RunSinkAsync">Consumes and stores until told to stop.</param>
/// <param name="Figures">What has flowed so far.</param>
internal sealed record UpParts(
    Func<CancellationToken, Task<ExitCode>> RunAgentAsync, Func<CancellationToken, Task<ExitCode>> RunSinkAsync, Func<UpFigures> Figures)
{
    /// <summary>Makes both from the settings, once these name a Kafka and a PostgreSQL.</summary>
    public delegate UpParts Factory(HostwireOptions options);
}
