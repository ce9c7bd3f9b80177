using Hostwire.Metrics;

namespace Hostwire.Otlp;

/// <summary>Whose points a record holds, encoded once: the resource, and since when its totals count.</summary>
public sealed class OtlpSource
{
    /// <summary>Makes a source.</summary>
    /// <param name="host">Becomes the resource's <c>host.name</c>, <c>host.id</c> where there is one, and its attributes.</param>
    /// <param name="startTimeUnixNano">Since when the host's totals count, in nanoseconds since 1970; sent with every sum.</param>
    public OtlpSource(HostIdentity host, long startTimeUnixNano)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(startTimeUnixNano);
        StartTime = (ulong)startTimeUnixNano;
        List<KeyValuePair<string, string>> attributes = [new("host.name", host.Name)];
        if (host.Id is not null)
        {
            attributes.Add(new("host.id", host.Id));
        }

        attributes.Add(new("os.type", "linux"));
        attributes.AddRange(host.Attributes);
        ResourceAttributes = OtlpAttributes.Encode(
            OtlpTag.ResourceAttributes, [.. attributes.Select(attribute => attribute.Key)], [.. attributes.Select(attribute => attribute.Value)]);
    }

    /// <summary>The host's attributes: the fields <c>attributes</c> of <c>Resource</c>, tags and lengths included.</summary>
    internal byte[] ResourceAttributes { get; }

    /// <summary>As the points carry it.</summary>
    internal ulong StartTime { get; }
}
