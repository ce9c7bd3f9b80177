namespace Hostwire.Metrics;

/// <summary>Who a host is: its name and its machine id. Both are sent with every scrape, so that clones with one name stay two hosts.</summary>
/// <param name="Name">OpenTelemetry's <c>host.name</c>; never empty; the key of the Kafka record.</param>
/// <param name="Id">OpenTelemetry's <c>host.id</c>, from <c>/etc/machine-id</c>; null where there is none.</param>
public sealed record HostIdentity(string Name, string? Id)
{
    /// <summary>What else describes it, sorted by name; part of what is sent, not of who it is.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];
}
