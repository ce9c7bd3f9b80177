using Hostwire.Metrics;

namespace Hostwire.Otlp;

/// <summary>Whose points a record holds, encoded once: the resource, and since when its totals count.</summary>
public sealed class OtlpSource
{
    /// <summary>Makes a source.</summary>
    /// <param name="host">Becomes the resource's <c>host.name</c> and, where there is one, <c>host.id</c>.</param>
    /// <param name="startTimeUnixNano">Since when the host's totals count, in nanoseconds since 1970; sent with every sum.</param>
    public OtlpSource(HostIdentity host, long startTimeUnixNano)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(startTimeUnixNano);
        StartTime = (ulong)startTimeUnixNano;
        byte[] attributes = host.Id is null
            ? OtlpAttributes.Encode(OtlpTag.ResourceAttributes, ["host.name", "os.type"], [host.Name, "linux"])
            : OtlpAttributes.Encode(OtlpTag.ResourceAttributes, ["host.name", "host.id", "os.type"], [host.Name, host.Id, "linux"]);
        Resource = WireWriter.EncodeMessage(OtlpTag.ResourceMetricsResource, attributes);
    }

    /// <summary>The field <c>resource</c> of <c>ResourceMetrics</c>, tag and length included.</summary>
    internal byte[] Resource { get; }

    /// <summary>As the points carry it.</summary>
    internal ulong StartTime { get; }
}
