namespace Hostwire.Sink;

/// <summary>A resource as records give it, taken apart: what belongs to the host and what to each series.</summary>
internal sealed class ResourceEntry
{
    /// <summary>The host; null where the resource names none, so that each record's key decides.</summary>
    public required HostEntry? Host { get; init; }

    /// <summary>What a nameless resource falls back to when the record has no readable key: <c>service.instance.id</c>, else null.</summary>
    public required string? InstanceId { get; init; }

    /// <summary>Attributes of the host.</summary>
    public required AttributeSet HostAttributes { get; init; }

    /// <summary>The same as JSON.</summary>
    public required string HostAttributesJson { get; init; }

    /// <summary>The host that a nameless resource was given last, for the record's key at that time: the next metric is of the same record.</summary>
    public HostEntry? HostByKey { get; set; }

    /// <summary>Of that key what counts, in memory of its own.</summary>
    public byte[]? LastKey { get; set; }

    /// <summary>What every series of this resource gets.</summary>
    public required SeriesResource OfSeries { get; init; }

    /// <summary>The shapes that its metrics had last.</summary>
    public ShapeMemory Shapes { get; } = new();
}
